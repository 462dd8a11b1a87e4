#include "cli/stream_report.h"

#include <fmt/format.h>

namespace tatami::cli {

void report_stream(Json& json, const StreamOutcome& outcome, unsigned bandwidth) {
  json["grid"] = fmt::format("{}x{}", outcome.grid_rows, outcome.grid_columns);
  json["piece_m"] = outcome.sizes.m;
  json["piece_n"] = outcome.sizes.n;
  json["slice_k"] = outcome.sizes.k;
  json["edge_bandwidth"] = bandwidth;
  json["edge_busiest_port_bytes"] = outcome.traffic.busiest_port;
  json["edge_bound_cycles"] = (outcome.traffic.busiest_port + bandwidth - 1) / bandwidth;
}

}  // namespace tatami::cli
