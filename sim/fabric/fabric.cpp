#include "fabric/fabric.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <stdexcept>
#include <thread>
#include <utility>

#include "debug/lockstep.h"

namespace tatami::fabric {
namespace {

// Lockstep looks for lost results now and then, also of nodes that sleep.
constexpr std::uint64_t kLockstepLook = 4096;

// As many nodes stay in a processor core's caches from one cycle to the next.
constexpr std::size_t kCachedNodes = 16;

/// A thread on a core of its own keeps its nodes' state in that core's caches. Left to the system if there are too few
/// cores.
void pin(unsigned number, unsigned of) {
  cpu_set_t allowed;
  if (pthread_getaffinity_np(pthread_self(), sizeof allowed, &allowed) != 0) return;
  if (static_cast<unsigned>(CPU_COUNT(&allowed)) < of) return;
  unsigned left = number;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || left-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
    return;
  }
}

/// Asks for large pages where the nodes' models lie, which mostly is side by side. A cycle of a large fabric reads and
/// writes some tens of pages of every node, far more than the processor's tables of addresses hold. What cannot be had
/// is left as it is.
void use_large_pages(std::vector<std::span<const std::byte>> storage) {
  constexpr std::uintptr_t kPage = 2 << 20;
  constexpr int kCollapse = 25;  // MADV_COLLAPSE, Linux 6.1
  std::ranges::sort(storage, {}, [](const auto& span) { return span.data(); });
  std::uintptr_t page = 0;
  for (const auto& span : storage) {
    const auto begin = reinterpret_cast<std::uintptr_t>(span.data());
    for (page = std::max(page, begin / kPage * kPage); page < begin + span.size(); page += kPage)
      madvise(reinterpret_cast<void*>(page), kPage, kCollapse);
  }
}

}  // namespace

/// Threads 1..n-1, which sleep between runs.
struct Fabric::Pool {
  std::vector<std::thread> threads;
  std::atomic<unsigned> generation{0};
  std::atomic<unsigned> running{0};
  std::atomic<bool> leave{false};
  std::vector<std::exception_ptr> errors;
};

Fabric::Fabric(const FabricShape& shape, unsigned host_threads, const EdgeConfig& edge)
    : shape_(shape),
      index_(std::size_t{shape.width} * shape.height, -1),
      workers_(std::clamp(host_threads, 1U, shape.nodes())),
      barrier_(static_cast<unsigned>(workers_.size())),
      pool_(std::make_unique<Pool>()) {
  for (const Coordinate at : shape.places()) {
    index_[at.y * shape.width + at.x] = static_cast<int>(places_.size());
    Place& place = places_.emplace_back();
    place.at = at;
    place.node = std::make_unique<rtl::RtlNode>();
    place.footprint = place.node->footprint();
  }
  std::vector<std::span<const std::byte>> storage;
  for (const Place& place : places_) storage.push_back(place.node->storage());
  use_large_pages(std::move(storage));
  connect();
  if (!shape.dead.empty()) {
    std::vector<fabric::Place> dead;
    for (const Coordinate at : shape.dead) dead.push_back({at.x, at.y});
    routes_ = std::make_unique<Routes>(compute_routes({shape.width, shape.height}, dead));
    verify(*routes_);
    tree_boxes_ = tree_boxes(*routes_);
  }
  attach_edges(edge);
  // Neighbours go to different threads, so that work in one corner of the fabric is shared.
  for (unsigned i = 0; i < nodes(); ++i) workers_[i % workers_.size()].nodes.push_back(i);
  pool_->errors.resize(workers_.size());
  for (unsigned w = 1; w < workers_.size(); ++w) {
    pool_->threads.emplace_back([this, w] {
      pin(w, this->host_threads());
      for (unsigned seen = 0;;) {
        pool_->generation.wait(seen);
        seen = pool_->generation.load();
        if (pool_->leave) return;
        work(w);
        pool_->running.fetch_sub(1);
        pool_->running.notify_one();
      }
    });
  }
}

Fabric::~Fabric() {
  pool_->leave = true;
  pool_->generation.fetch_add(1);
  pool_->generation.notify_all();
  for (std::thread& thread : pool_->threads) thread.join();
}

rtl::RtlNode* Fabric::at(unsigned x, unsigned y) {
  if (x >= shape_.width || y >= shape_.height) return nullptr;
  const int number = index_[y * shape_.width + x];
  return number < 0 ? nullptr : places_[static_cast<unsigned>(number)].node.get();
}

void Fabric::connect() {
  for (Place& place : places_) {
    for (unsigned link = 0; link < rtl::kLinks; ++link) {
      const rtl::LinkEnd end = rtl::link_end(link);
      const int x = static_cast<int>(place.at.x) + end.dx;
      const int y = static_cast<int>(place.at.y) + end.dy;
      const bool inside = x >= 0 && y >= 0 && x < static_cast<int>(shape_.width) && y < static_cast<int>(shape_.height);
      place.neighbour[link] = inside ? index_[static_cast<unsigned>(y) * shape_.width + static_cast<unsigned>(x)] : -1;
    }
  }
}

void Fabric::attach_edges(const EdgeConfig& config) {
  for (const auto& [at, side] : shape_.rim_ports()) {
    Place& place = places_[static_cast<unsigned>(index_[at.y * shape_.width + at.x])];
    place.edges.push_back(
        std::make_unique<EdgePort>(config, at, side, [this, at = at](Coordinate to) { return route(at, to); }));
  }
}

/// The port by which a flit that enters the fabric at `from` leaves this node.
unsigned Fabric::route(Coordinate from, Coordinate to) const {
  const Shape shape{shape_.width, shape_.height};
  return next_port(shape, routes_.get(), shape.index({from.x, from.y}), shape.index({to.x, to.y}));
}

EdgePort* Fabric::edge(unsigned x, unsigned y, unsigned side) {
  if (!shape_.has_rim_port(x, y, side)) return nullptr;
  Place& place = places_[static_cast<unsigned>(index_[y * shape_.width + x])];
  place.edges_active = true;  // the caller may ask for something
  for (const auto& port : place.edges) {
    if (port->side() == side) return port.get();
  }
  return nullptr;
}

std::string Fabric::edge_error(unsigned node) const {
  for (const auto& port : places_[node].edges) {
    if (!port->error().empty()) return port->error();
  }
  return {};
}

EdgeUse Fabric::edge_use() const {
  EdgeUse sum;
  for (const Place& place : places_) {
    for (const auto& port : place.edges) {
      sum.requests += port->use().requests;
      sum.bytes_read += port->use().bytes_read;
      sum.bytes_written += port->use().bytes_written;
    }
  }
  return sum;
}

void Fabric::clear_edge_memory() {
  for (Place& place : places_) {
    for (const auto& port : place.edges) port->memory().clear();
  }
}

void Fabric::load_routes(const Place& place) {
  for (const ConfigWord word : router_config(*routes_, tree_boxes_, place.at.y * shape_.width + place.at.x))
    place.node->configure(word.address, word.data);
}

void Fabric::reset(std::uint64_t boot_pc, std::uint64_t tohost) {
  rtl::NodeConfig config;
  config.width = shape_.width;
  config.height = shape_.height;
  config.boot_pc = boot_pc;
  config.tohost = tohost;
  for (Place& place : places_) {
    config.x = place.at.x;
    config.y = place.at.y;
    place.node->reset(config);
    if (routes_) load_routes(place);
    place.out = {};
    place.drives = {};
    place.driven = {};
    place.watches = {};
    place.ended = place.hears = place.edges_active = false;
    place.instructions = place.evaluated = 0;
    for (const auto& port : place.edges) port->reset();
  }
  for (Worker& worker : workers_) worker.summary = {};
  cycle_ = 0;
  stop_ = {};
}

std::uint64_t Fabric::instructions() const {
  std::uint64_t sum = 0;
  for (const Place& place : places_) sum += place.instructions;
  return sum;
}

std::uint64_t Fabric::evaluated() const {
  std::uint64_t sum = 0;
  for (const Place& place : places_) sum += place.evaluated;
  return sum;
}

StopReport Fabric::run(std::uint64_t until) {
  if (until <= cycle_) return {};
  until_ = until;
  pool_->running = static_cast<unsigned>(workers_.size()) - 1;
  pool_->generation.fetch_add(1);
  pool_->generation.notify_all();
  work(0);
  for (unsigned left = pool_->running; left != 0; left = pool_->running) pool_->running.wait(left);
  for (std::exception_ptr& error : pool_->errors) {
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
  }
  return stop_;
}

/// One thread's part of a run. All threads leave after the same cycle.
void Fabric::work(unsigned number) {
  Worker& worker = workers_[number];
  for (const unsigned node : worker.nodes) places_[node].asleep = false;  // the host may have changed something
  std::uint64_t cycle = cycle_;
  StopReport report;
  do {
    Summary& summary = worker.summary[cycle & 1];
    summary = {};
    try {
      step_all(worker, cycle, summary);
    } catch (...) {
      pool_->errors[number] = std::current_exception();
      summary.report.stop = Stop::diverged;
    }
    barrier_.wait();
    report = decide(cycle & 1);
  } while (++cycle != until_ && report.stop == Stop::limit);
  // Nobody may change what others still look at.
  barrier_.wait();
  if (number == 0) {
    cycle_ = cycle;
    stop_ = report;
  }
}

/// A cycle of all nodes of a thread. While a node is stepped, the next one that is awake is brought into the cache: of
/// a large fabric it has been displaced since the cycle before. What leads there is fetched one node earlier still, and
/// the first line of every place before a neighbour looks at it, which is a row earlier.
void Fabric::step_all(const Worker& worker, std::uint64_t cycle, Summary& summary) {
  constexpr std::size_t kLine = 64, kLines = 3;
  const std::vector<unsigned>& all = worker.nodes;
  const std::size_t count = all.size();
  if (count <= kCachedNodes) {
    for (const unsigned node : all) step(node, cycle, summary);
    return;
  }
  const auto awake = [&](std::size_t i) {
    while (i < count && places_[all[i]].asleep) ++i;
    return i;
  };
  std::size_t next = 0, after = 0;  // the nodes that are stepped next
  for (std::size_t i = 0; i < count; ++i) {
    __builtin_prefetch(&places_[std::min<std::size_t>(all[i] + shape_.width + 2, places_.size() - 1)]);
    if (next <= i) {
      next = awake(std::max(after, i + 1));
      if (next < count) rtl::RtlNode::fetch_ahead(places_[all[next]].footprint);
      after = awake(next + 1);
      if (after < count) {
        const auto* const place = reinterpret_cast<const std::byte*>(&places_[all[after]]);
        for (std::size_t line = 0; line < kLines; ++line) __builtin_prefetch(place + kLine * line, 1);
      }
    }
    step(all[i], cycle, summary);
  }
}

/// A cycle of one node: its inputs, its logic, what it did, the clock edge, and what it drives in the next cycle.
void Fabric::step(unsigned number, std::uint64_t cycle, Summary& summary) {
  Place& place = places_[number];
  rtl::RtlNode& node = *place.node;
  const unsigned now = cycle & 1, next = now ^ 1;
  if (place.drives[now] || hears(place, now) || !disturbances_.empty()) listen(number, cycle);
  if (!place.edges.empty()) step_edges(place, number, cycle, summary);
  summary.ended += place.ended;
  if (place.asleep) return;
  node.begin_cycle(cycle);
  const bool watched = wave_ && wave_->node == number;
  if (watched && cycle >= wave_->from && cycle <= wave_->to) node.dump();
  if (node.skipped()) {
    if (place.drives[now]) throw std::logic_error("a node that is quiet drives its links");
    drive(place, next, false);
    if (place.lockstep != nullptr && cycle % kLockstepLook == 0) place.lockstep->begin_cycle(cycle);
    observe_halts(node, number, summary);
    place.asleep = place.lockstep == nullptr && !watched;
    return;
  }
  ++place.evaluated;
  observe(place, number, cycle, summary);
  summary.active = summary.active || place.drives[now] || !node.quiet();
  node.finish_cycle();
  drive(place, next, node.link_out(place.out[next]));
}

/// Notes whether the node drives something; only what changes is written, because its neighbours' thread looks at it
/// too.
void Fabric::drive(Place& place, unsigned parity, bool drives) {
  if (place.drives[parity] != drives) place.drives[parity] = drives;
}

/// What the node does in this cycle; between its two halves.
void Fabric::observe(Place& place, unsigned number, std::uint64_t cycle, Summary& summary) {
  rtl::RtlNode& node = *place.node;
  const auto stop = [&](Stop why, std::uint64_t value) { summary.note(why, number, value); };
  place.instructions += static_cast<unsigned>(std::popcount(node.commits() & ~node.traps()));
  if (place.watch != nullptr) place.watch->observe(node);
  if (place.lockstep != nullptr) {
    place.lockstep->begin_cycle(cycle);
    node.report(*place.lockstep);
    if (place.lockstep->diverged()) stop(Stop::diverged, 0);
  }
  std::uint64_t value = 0;
  if (node.tohost(value) && (value & 1) != 0) {
    value &= 0xFFFF'FFFF;
    if (value != 1) stop(Stop::failed, value);
    if (!place.ended) ++summary.ended;
    place.ended = true;
  }
  if (const unsigned errors = node.link_errors(); errors != 0 && !node.link_errors_handled())
    stop(Stop::corrupted, errors);
  observe_halts(node, number, summary);
}

/// A thread that trapped without a handler halts, which shows in the cycle after its trap. That cycle may be the first
/// of many that are skipped; everything else that a node has to tell keeps it from being quiet.
void Fabric::observe_halts(const rtl::RtlNode& node, unsigned number, Summary& summary) {
  if (node.unhandled() != 0) summary.note(Stop::trapped, number, 0);
}

/// Some input that comes from a neighbour changes or is not idle.
bool Fabric::hears(const Place& place, unsigned parity) const {
  bool hears = place.hears;
  for (unsigned link = 0; link < rtl::kLinks; link += 2) {
    const int from = place.neighbour[link];
    hears = hears || (from >= 0 && places_[static_cast<unsigned>(from)].drives[parity]);
  }
  return hears;
}

/// Sets the node's inputs to what its neighbours drive in this cycle.
void Fabric::listen(unsigned number, std::uint64_t cycle) {
  Place& place = places_[number];
  const unsigned now = cycle & 1;
  place.hears = false;
  for (unsigned link = 0; link < rtl::kLinks; ++link) {
    const int from = place.neighbour[link];
    if (from < 0) continue;
    const Place& neighbour = places_[static_cast<unsigned>(from)];
    const rtl::Link* driven = &neighbour.out[now][rtl::link_end(link).other];
    bool arrives = neighbour.drives[now] && !driven->idle();
    rtl::Link disturbed;
    if (!disturbances_.empty()) [[unlikely]] {
      if (arrives) disturbed = *driven;
      arrives = disturb(number, link, cycle, disturbed);
      driven = &disturbed;
    }
    const bool sends = place.drives[now] && place.out[now][link].valid;
    if (arrives || sends)
      place.watches[link].note(cycle, sends ? &place.out[now][link] : nullptr, arrives ? driven->credit : 0);
    place.hears = place.hears || arrives;
    arrive(place, link, arrives ? driven : nullptr);
  }
}

/// What the other end of a link drives; nullptr for nothing.
void Fabric::arrive(Place& place, unsigned link, const rtl::Link* driven) {
  if (driven == nullptr && !place.driven[link]) return;
  place.asleep = false;
  place.node->link_in(link, driven != nullptr ? *driven : rtl::Link{});
  place.driven[link] = driven != nullptr;
}

bool Fabric::disturb(unsigned number, unsigned link, std::uint64_t cycle, rtl::Link& arriving) {
  bool arrives = !arriving.idle();
  for (Disturbance& disturbance : disturbances_) {
    if (disturbance.concerns(number, link)) arrives = disturbance.apply(cycle, arriving);
  }
  return arrives;
}

std::vector<HeldQueue> Fabric::held(std::uint64_t cycles) const {
  std::vector<HeldQueue> queues;
  for (const Place& place : places_) {
    for (unsigned link = 0; link < rtl::kLinks; ++link) {
      const auto since = place.watches[link].held(cycle_, cycles);
      if (!since || place.neighbour[link] < 0) continue;
      const unsigned there = rtl::link_end(link).other;
      queues.push_back({places_[static_cast<unsigned>(place.neighbour[link])].at, there / 2, (there & 1) != 0, *since});
    }
  }
  return queues;
}

/// A cycle of the memories at the node's outer links, which see in it what the node drives and are seen by the node.
void Fabric::step_edges(Place& place, unsigned number, std::uint64_t cycle, Summary& summary) {
  const unsigned now = cycle & 1;
  if (!place.edges_active && !place.drives[now]) return;
  place.edges_active = place.drives[now];
  for (const auto& port : place.edges) {
    if (!port->error().empty()) summary.note(Stop::astray, number, 0);
    if (port->drive(cycle)) place.edges_active = summary.active = true;
    const unsigned link = 2 * port->side();
    for (unsigned kind = 0; kind < 2; ++kind) {
      arrive(place, link + kind, port->driven(kind).idle() ? nullptr : &port->driven(kind));
    }
    if (place.drives[now]) port->finish(place.out[now][link], place.out[now][link + 1]);
  }
}

/// The same for every thread: the stop of the lowest node, or none.
StopReport Fabric::decide(unsigned parity) const {
  StopReport report;
  unsigned ended = 0;
  bool active = false;
  for (const Worker& worker : workers_) {
    const Summary& summary = worker.summary[parity];
    if (summary.report.stop != Stop::limit && (report.stop == Stop::limit || summary.report.node < report.node))
      report = summary.report;
    ended += summary.ended;
    active = active || summary.active;
  }
  if (report.stop != Stop::limit) return report;
  if (ended == nodes()) return {Stop::ended, 0, 1};
  if (!active) return {Stop::quiet, 0, 0};
  return report;
}

}  // namespace tatami::fabric
