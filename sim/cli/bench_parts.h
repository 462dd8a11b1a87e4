// The parts of `tatami bench`, each a section of its output.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/common.h"
#include "host/matmul.h"

namespace tatami::cli::bench {

/// What `--section` takes.
inline const std::vector<std::string> kSections = {"matmul",  "scalar", "simulation",  "mesh",
                                                   "scaling", "stream", "collectives", "fabric"};

/// Takes a finished row of `results`; `what` names it for people who wait.
using AddRow = std::function<void(Json row, const std::string& what)>;

/// A square product of random operands, FP32 output.
MatmulProblem random_problem(golden::Kind kind, std::size_t size, std::uint64_t seed);

struct MeshOptions {
  std::vector<std::string> formats;  ///< 8- and 16-bit kinds
  std::uint64_t seed = 1;
  int threads = kThreadsPerNode;
  unsigned host_threads = 0;  ///< see host_threads_for()
  RunOptions limits;
  EdgeConfig edge;
  std::string svg;  ///< file of the scaling chart, or ""
};

/// Utilisation of fabrics, every bit compared: 512 cubed on 2x2 and, if `large`, 1024 cubed on 4x4.
Exit mesh(const MeshOptions& options, bool large, const AddRow& add);
/// The same product, 512 cubed, on 1 to 16 nodes.
Exit scaling(const MeshOptions& options, const AddRow& add);
/// Utilisation with operands in edge memory, every bit compared: 1024 cubed on 2x2 and, if `large`,
/// 2048 x 2048 x 512 on 4x4.
Exit stream(const MeshOptions& options, bool large, const AddRow& add);
/// Simulation speed of fabrics from one node to the die: all nodes busy and a tenth of them, on one thread of this
/// computer and two; a row for each, and one with the ratios.
Exit fabric(const AddRow& add);

struct CollectiveOptions {
  std::string nodes;  ///< all operations on this fabric; "": all-reduce on four, the others on 4x4
  std::uint64_t seed = 1;
  int repeats = 3;            ///< of each operation, in one run
  unsigned host_threads = 0;  ///< see host_threads_for()
  RunOptions limits;
};

/// Cycles of operations over many nodes, every word checked.
Exit collectives(const CollectiveOptions& options, const AddRow& add);

void print_mesh(const Json& row);
void print_stream(const Json& row);
void print_fabric(const Json& row);
void print_collective(const Json& row);

}  // namespace tatami::cli::bench
