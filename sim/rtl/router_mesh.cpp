// The only file that knows the verilated router. All outputs onto links come from registers, so one cycle is: move what
// the last clock edge put on the links to the other end, then clock every router. A quiet router without arrivals is
// not evaluated.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "Vd1_router.h"
#include "Vd1_router___024root.h"
#include "fabric/router_config.h"
#include "noc/mesh.h"

namespace tatami::noc {
namespace {

using fabric::kLinks;
using fabric::kLocal;
using fabric::kPorts;

constexpr std::size_t kFlitWords = std::tuple_size_v<decltype(Flit::words)>;
constexpr std::size_t kFlitBytes = kFlitWords * sizeof(std::uint32_t);

class RouterMesh final : public Mesh {
 public:
  RouterMesh(fabric::Shape fabric, const fabric::Routes* routes) : Mesh(fabric), queues_(shape.nodes() * kQueues) {
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      const fabric::Place at = shape.place(node);
      routers_.push_back(std::make_unique<Vd1_router>(&context_, "router"));
      Vd1_router& router = *routers_.back();
      router.node_x_i = static_cast<std::uint8_t>(at.x);
      router.node_y_i = static_cast<std::uint8_t>(at.y);
      for (unsigned port = 0; port < kLinks; ++port) neighbours_.push_back(shape.neighbour(node, port));
    }
    for (const auto& router : routers_) reset(*router);
    if (routes != nullptr) load(*routes);
  }
  ~RouterMesh() override {
    for (const auto& router : routers_) router->final();
  }

  void step() override {
    for (unsigned node = 0; node < shape.nodes(); ++node) collect(node);
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      if (active_[node]) clock(node);
    }
    ++cycle;
  }

  std::vector<Stuck> waiting() const override {
    std::vector<Stuck> all;
    for (unsigned i = 0; i < queues_.size(); ++i) {
      const Queue& queue = queues_[i];
      if (queue.flits != 0) all.push_back({i / kQueues, i % kQueues / kPorts, i % kPorts, queue.flits, queue.moved});
    }
    return all;
  }
  std::optional<LinkError> link_error() const override { return link_error_; }
  std::uint64_t evaluations() const override { return evaluations_; }

 private:
  // By input and output, as the router's `ways`.
  static constexpr unsigned kQueues = kPorts * kPorts;
  struct Queue {
    unsigned flits = 0;
    std::uint64_t moved = 0;
  };

  static void edge(Vd1_router& router) {
    router.clk_i = 0;
    router.eval();
    router.clk_i = 1;
    router.eval();
  }
  static void reset(Vd1_router& router) {
    router.rst_ni = 0;
    edge(router);
    edge(router);
    router.rst_ni = 1;
    edge(router);
  }

  void load(const fabric::Routes& routes) {
    const std::vector<fabric::Box> boxes = fabric::tree_boxes(routes);
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      if (!routes.alive(node)) continue;
      Vd1_router& router = *routers_[node];
      router.cfg_we_i = 1;
      for (const fabric::ConfigWord word : fabric::router_config(routes, boxes, node)) {
        router.cfg_addr_i = static_cast<std::uint16_t>(word.address);
        router.cfg_data_i = word.data;
        edge(router);
      }
      router.cfg_we_i = 0;
      edge(router);
    }
  }

  /// Puts on the router's inputs what the links and the node bring in this cycle.
  void collect(unsigned node) {
    Vd1_router& router = *routers_[node];
    unsigned valid = 0, credit = 0;
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = neighbours_[node * kLinks + port];
      if (other == shape.nodes()) continue;
      const Vd1_router& from = *routers_[other];
      const unsigned side = fabric::opposite(port);
      credit |= (from.rx_credit_o >> (5 * side) & 31u) << (5 * port);
      if ((from.tx_valid_o >> side & 1) == 0) continue;
      valid |= 1u << port;
      std::memcpy(&router.rx_flit_i[kFlitWords * port], &from.tx_flit_o[kFlitWords * side], kFlitBytes);
      ++link_flits[other * kPorts + side];
    }
    router.rx_valid_i = static_cast<std::uint8_t>(valid);
    router.tx_credit_i = credit;
    NodeSide& side = sides[node];
    router.inj_valid_i = side.offer;
    router.ej_credit_i = side.credit;
    if (side.offer) std::memcpy(&router.inj_flit_i[0], side.in.words.data(), kFlitBytes);
    active_[node] = valid != 0 || credit != 0 || side.offer || side.credit || router.quiet_o == 0;
    side.accepted = side.delivered = false;
  }

  void clock(unsigned node) {
    Vd1_router& router = *routers_[node];
    NodeSide& side = sides[node];
    router.clk_i = 0;
    router.eval();
    side.accepted = side.offer && router.inj_ready_o != 0;
    note_queues(node);
    router.clk_i = 1;
    router.eval();
    ++evaluations_;
    if (router.link_error_o != 0 && !link_error_)
      link_error_ = LinkError{node, static_cast<unsigned>(std::countr_zero(router.link_error_o)), cycle};
    side.delivered = router.ej_valid_o != 0;
    if (side.delivered) {
      std::memcpy(side.out.words.data(), &router.ej_flit_o[0], kFlitBytes);
      ++link_flits[node * kPorts + kLocal];
    }
  }

  /// What enters the router's queues in this cycle and leaves them; before the clock edge.
  void note_queues(unsigned node) {
    const auto* const root = routers_[node]->rootp;
    Queue* const queues = &queues_[node * kQueues];
    for (unsigned left = root->d1_router__DOT__ways; left != 0; left &= left - 1) {
      Queue& queue = queues[std::countr_zero(left)];
      ++queue.flits;
      queue.moved = cycle;
    }
    for (unsigned left = root->d1_router__DOT__pop; left != 0; left &= left - 1) {
      // Five inputs of each output.
      const unsigned bit = static_cast<unsigned>(std::countr_zero(left));
      Queue& queue = queues[bit % kPorts * kPorts + bit / kPorts];
      --queue.flits;
      queue.moved = cycle;
    }
  }

  VerilatedContext context_;
  std::vector<std::unique_ptr<Vd1_router>> routers_;
  std::vector<unsigned> neighbours_;
  std::vector<Queue> queues_;
  std::vector<std::uint8_t> active_ = std::vector<std::uint8_t>(shape.nodes());
  std::optional<LinkError> link_error_;
  std::uint64_t evaluations_ = 0;
};

}  // namespace

std::unique_ptr<Mesh> make_router_mesh(fabric::Shape shape, const fabric::Routes* routes) {
  return std::make_unique<RouterMesh>(shape, routes);
}

}  // namespace tatami::noc
