# The layer rules: reads rooms.txt first, then sources whose paths begin at the top of the project.
# Prints `file:line: rule` for each line that breaks one, and ends with status 1 if any did.

function broken(rule) {
  print FILENAME ":" FNR ": " rule
  violations++
}

# Where a file lives. `home` is its room; the umbrella header has none and may include all rooms.
function enter(path, parts) {
  split(path, parts, "/")
  area = parts[1]
  umbrella = path == "include/ballast/ballast.hpp"
  home = area == "src" ? parts[2] : area == "include" ? parts[3] : ""
  if (area == "apps" || umbrella) return
  if (area == "include" && parts[2] != "ballast") broken("public headers live in include/ballast/ROOM/")
  else if (parts[area == "src" ? 3 : 4] == "") broken("a source lives in a room: src/ROOM/, include/ballast/ROOM/")
  else if (!(home in known)) broken("the room " home " is not in tests/layers/rooms.txt")
}

# An include of our own: quoted, or <ballast/…>.
function check_own(target, public, parts, room) {
  public = target ~ /^ballast\//
  if (area == "apps") {
    if (!public && target ~ /\//) broken("apps/ sees public headers only, not \"" target "\"")
    return
  }
  if (area == "include" && !public) broken("a public header includes public headers only, not \"" target "\"")
  if (target == "ballast/ballast.hpp") {
    broken("the umbrella header is for users; include what is needed")
    return
  }
  sub(/^ballast\//, "", target)
  split(target, parts, "/")
  room = parts[1]
  if (!(room in known)) broken("\"" target "\" names no room: write \"ROOM/file.hpp\"")
  else if (!umbrella && room != home && !((home, room) in allowed)) broken("the room " home " may not include " room)
}

# An include of somebody else's.
function check_foreign(target) {
  if (target ~ /^(boost\/mpi|mpi\.h$)/ && FILENAME !~ /^src\/transport\//)
    broken("MPI lives in src/transport/ only, not <" target ">")
  if (target ~ /^boost\/(serialization|archive)/ && FILENAME !~ /^(include\/ballast|src)\/problem\/codec[^\/]*$/)
    broken("Boost.Serialization lives behind the codec, not <" target ">")
  if (target ~ /^CLI\// && area != "apps")
    broken("CLI11 lives in apps/ only, not <" target ">")
  if (home == "schedule" && target ~ impure && target != "fmt/format.h")
    broken("schedule/ is pure: no clock, file, thread or random device, so not <" target ">")
}

BEGIN {
  FS = "\n"
  impure = "\\.h$|^(fstream|iostream|cstdio|ctime|random|filesystem|thread|mutex|future|condition_variable)$"
}

FILENAME ~ /rooms\.txt$/ {
  if ($0 ~ /^#/) next
  colon = index($0, ":")
  room = substr($0, 1, colon - 1)
  known[room]
  count = split(substr($0, colon + 1), others, " ")
  for (i = 1; i <= count; i++) allowed[room, others[i]]
  next
}

FNR == 1 { enter(FILENAME) }
FNR == 501 { broken("no source is longer than 500 lines") }

{ sub(/\/\/.*/, "") }

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, quoted, "\"")
  check_own(quoted[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
  target = $0
  sub(/^[^<]*</, "", target)
  sub(/>.*/, "", target)
  if (target ~ /^ballast\//) check_own(target)
  else check_foreign(target)
}

home == "schedule" && /[Cc]lock::now|random_device|[^_a-zA-Z](rand|time|getenv|sleep_for) *\(/ {
  broken("schedule/ is pure: time and chance are handed to it")
}

END { exit violations > 0 }
