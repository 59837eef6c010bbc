# Installs Ballast below its build folder, then configures, builds and runs the consumer against that copy only.
# Needs BALLAST_BINARY_DIR, EXAMPLE, BUILD_TYPE, CXX_COMPILER, CXX_FLAGS and MPIEXEC.
set(work "${BALLAST_BINARY_DIR}/tests/package")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run("${CMAKE_COMMAND}" --install "${BALLAST_BINARY_DIR}" --prefix "${prefix}" --component development)
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${work}/build" -G Ninja
  "-DCMAKE_PREFIX_PATH=${prefix}" "-DEXAMPLE=${EXAMPLE}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}"
  "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}")
file(STRINGS "${work}/build/CMakeCache.txt" found REGEX "^ballast_DIR:")
if(NOT found MATCHES "=${prefix}/")
  message(FATAL_ERROR "the consumer found another copy of Ballast: ${found}")
endif()
run("${CMAKE_COMMAND}" --build "${work}/build")
set(consumer "${work}/build/consumer")
foreach(launch IN ITEMS "" "${MPIEXEC};--oversubscribe;-n;3")
  run(${launch} "${consumer}" first second third)
  if(NOT output STREQUAL "FIRST\nSECOND\nTHIRD\n")
    message(FATAL_ERROR "${launch} ${consumer} said:\n${output}")
  endif()
endforeach()
