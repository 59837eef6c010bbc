// The umbrella: all that an author of a problem needs.
#pragma once

#include "ballast/core/error.hpp"
#include "ballast/core/id.hpp"
#include "ballast/problem/authored.hpp"
#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "ballast/runtime/report.hpp"
#include "ballast/runtime/session.hpp"
#include "ballast/schedule/policy.hpp"
