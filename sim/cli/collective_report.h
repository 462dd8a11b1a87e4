// What reports say of a collective operation: its check, its cycles and what the network allows.
#pragma once

#include "cli/common.h"
#include "host/collective.h"

namespace tatami::cli {

/// Cycles of a push with counter to the neighbour, up to the instruction after the wait there, on two nodes of their
/// own. Throws std::runtime_error if the run fails.
double measure_push_latency(const Program& kernel);

/// Compares the results with the rule; of barriers, which leave none, checks that no node left one before the last node
/// had come, each time. Nothing is compared if the run failed.
Comparison check_collective(const CollectiveProblem& problem, const NodeGroup& group, const CollectiveOutcome& outcome);

/// "direct", "tree"; "" for operations that have no choice.
std::string algorithm_text(const CollectiveProblem& problem, const CollectiveOutcome& outcome);

/// Rows and columns of transpose and halo that are 0 get the default for so many nodes: a matrix of 16 times the nodes
/// each way, a tile of 64 x 64.
void choose_sizes(CollectiveProblem& problem, unsigned nodes);

/// How many pushes or barriers follow each other in one repetition of latency and barrier; 0 for other operations.
unsigned rounds_of(const CollectiveProblem& problem);

/// Adds the operation's measures to `json`: what was done.
void report_problem(Json& json, const std::string& operation, const CollectiveProblem& problem, const NodeGroup& group,
                    const CollectiveOutcome& outcome, const FabricShape& shape);

/// Adds the cycles of the repetitions, the bound and the ratios; `latency` as measure_push_latency() says. The keys are
/// explained in `tatami collective --help`.
void report_times(Json& json, const CollectiveProblem& problem, const NodeGroup& group,
                  const CollectiveOutcome& outcome, double latency);

}  // namespace tatami::cli
