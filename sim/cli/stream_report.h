// What a report says of a product whose operands were streamed from edge memory.
#pragma once

#include "cli/common.h"
#include "host/matmul_stream.h"

namespace tatami::cli {

/// Adds sizes, traffic and the bound by edge memory to `json`; `bandwidth` in bytes a cycle and port.
void report_stream(Json& json, const StreamOutcome& outcome, unsigned bandwidth);

}  // namespace tatami::cli
