#include "golden/machine.h"

#include <algorithm>

namespace tatami::golden {
namespace {

// Instructions that a hart executes before the next one's turn: long enough to keep its state in the caches, short
// enough that waiting in loops costs little.
constexpr unsigned kTurn = 200;

}  // namespace

Machine::Machine(const MachineConfig& config)
    : config_(config),
      dead_(std::size_t{config.width} * config.height),
      edges_(2 * (std::size_t{config.width} + config.height)) {
  for (const auto& [x, y] : config.dead) dead_.at(y * config.width + x) = true;
  for (unsigned y = 0; y < config.height; ++y) {
    for (unsigned x = 0; x < config.width; ++x) {
      nodes_.push_back(live(x, y) ? std::make_unique<Node>(*this, x, y) : nullptr);
      if (nodes_.back()) running_.push_back(nodes_.back().get());
    }
  }
}

Node* Machine::find(std::uint64_t address, std::uint32_t bytes) {
  const GlobalAddress global = split_global(address);
  if (address >> 48 != 0 || !live(global.x, global.y) || bytes > kMemoryBytes || !sram_offset(global.local, bytes)) {
    return nullptr;
  }
  return &node(global.x, global.y);
}

SparseMemory* Machine::find_edge(std::uint64_t address) {
  if (!names_edge(address) || address >> 51 != 0) return nullptr;
  const auto [x, y, offset] = split_global(address);
  if (!live(x, y)) return nullptr;
  const unsigned w = width(), h = height();
  switch (address >> 49 & 3) {
    case 0: return y == 0 ? &edges_[x] : nullptr;
    case 1: return x == w - 1 ? &edges_[2 * w + h + y] : nullptr;
    case 2: return y == h - 1 ? &edges_[w + x] : nullptr;
    default: return x == 0 ? &edges_[2 * w + y] : nullptr;
  }
}

bool Machine::write(std::uint64_t address, std::span<const std::byte> bytes) {
  if (SparseMemory* const edge = find_edge(address); edge != nullptr) {
    const std::uint64_t offset = split_global(address).local;
    if (bytes.size() > SparseMemory::kBytes - offset) return false;
    edge->write(offset, bytes.data(), bytes.size());
    return true;
  }
  const auto count = static_cast<std::uint32_t>(bytes.size());
  Node* node = bytes.size() > kMemoryBytes ? nullptr : find(address, count);
  if (node == nullptr) return false;
  node->write_external(*sram_offset(split_global(address).local, count), bytes.data(), count);
  return true;
}

bool Machine::read(std::uint64_t address, std::span<std::byte> bytes) {
  if (const SparseMemory* const edge = find_edge(address); edge != nullptr) {
    const std::uint64_t offset = split_global(address).local;
    if (bytes.size() > SparseMemory::kBytes - offset) return false;
    edge->read(offset, bytes.data(), bytes.size());
    return true;
  }
  const auto count = static_cast<std::uint32_t>(bytes.size());
  Node* node = bytes.size() > kMemoryBytes ? nullptr : find(address, count);
  if (node == nullptr) return false;
  if (count != 0) node->sram().read(*sram_offset(split_global(address).local, count), bytes.data(), count);
  return true;
}

void Machine::clear_memory() {
  for (Node* node : running_) node->clear_memory();
  for (SparseMemory& edge : edges_) edge.clear();
}

void Machine::reset(std::uint64_t entry, std::uint64_t tohost) {
  for (Node* node : running_) {
    node->reset(entry);
    node->set_tohost(tohost);
  }
  ended_.assign(running_.size(), false);
  left_ = running_.size();
  next_ = 0;
}

Outcome Machine::run(std::uint64_t max_steps) {
  Outcome outcome;
  const std::size_t harts = running_.size() * kThreads;
  std::uint64_t steps = 0;
  std::size_t resting = 0;  // harts in a row that could do nothing
  while (max_steps == 0 || steps < max_steps) {
    const std::size_t number = next_ / kThreads;
    Node& node = *running_[number];
    Hart& hart = node.hart(static_cast<unsigned>(next_ % kThreads));
    next_ = (next_ + 1) % harts;
    bool progress = false;
    for (unsigned i = 0; i < kTurn; ++i) {
      Record& record = outcome.record;
      hart.step(record);
      if (record.status == Status::asleep || record.status == Status::halted) break;
      progress = true;
      ++steps;
      if (record.exit && record.exit_value == 1) {
        if (!ended_[number]) --left_;
        ended_[number] = true;
      }
      if ((record.exit && (record.exit_value != 1 || left_ == 0)) || record.unhandled) {
        outcome.ending = record.exit ? Ending::exited : Ending::trapped;
        outcome.exit_code = record.exit ? record.exit_value >> 1 : 0;
        outcome.hart = hart.hartid();
        outcome.x = node.x();
        outcome.y = node.y();
        return outcome;
      }
    }
    resting = progress ? 0 : resting + 1;
    if (resting > harts) {
      outcome.ending = Ending::hung;
      return outcome;
    }
  }
  outcome.ending = Ending::step_limit;
  return outcome;
}

std::uint64_t Machine::instructions() const {
  std::uint64_t sum = 0;
  for (const Node* node : running_) sum += node->cycles();
  return sum;
}

}  // namespace tatami::golden
