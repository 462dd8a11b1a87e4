// What the threads of a fabric that hangs are waiting for.
#pragma once

#include <string>

#include "fabric/fabric.h"
#include "host/elf.h"

namespace tatami {

/// One line a node that has not ended: where each of its threads stands, and for instructions that wait, for what.
std::string describe_stuck(fabric::Fabric& fabric, const Program& program);

}  // namespace tatami
