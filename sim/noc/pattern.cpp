#include "noc/pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/error.h"

namespace tatami::noc {

using fabric::Place;

const std::vector<std::string>& pattern_names() {
  static const std::vector<std::string> names = {"uniform",    "transpose", "tornado",
                                                 "complement", "hotspot",   "neighbour"};
  return names;
}

PatternKind pattern_kind(const std::string& name) {
  const auto& names = pattern_names();
  const auto at = std::ranges::find(names, name);
  if (at == names.end())
    throw InputError(
        fmt::format("pattern {}: expected one of uniform, transpose, tornado, complement, hotspot, neighbour", name));
  return static_cast<PatternKind>(at - names.begin());
}

Pattern::Pattern(PatternKind kind, fabric::Shape shape, const fabric::Routes* routes)
    : kind_(kind), shape_(shape), routes_(routes), partner_(shape.nodes()), senders_(shape.nodes()) {
  if (kind == PatternKind::transpose && shape.width != shape.height) {
    throw InputError(fmt::format("the pattern transpose needs a square fabric, not {}x{}; try --nodes {}x{}",
                                 shape.width, shape.height, shape.height, shape.height));
  }
  const auto alive = [&](unsigned node) { return routes == nullptr || routes->alive(node); };
  for (unsigned node = 0; node < shape.nodes(); ++node) {
    if (alive(node)) live_.push_back(node);
  }
  hot_ = shape.index({shape.width / 2, shape.height / 2});
  if (!alive(hot_)) hot_ = live_[live_.size() / 2];
  for (unsigned node = 0; node < shape.nodes(); ++node) {
    const Place at = shape.place(node);
    Place to = at;
    switch (kind) {
      case PatternKind::uniform:
      case PatternKind::hotspot: senders_[node] = alive(node); continue;
      case PatternKind::transpose: to = {at.y, at.x}; break;
      case PatternKind::complement: to = {shape.width - 1 - at.x, shape.height - 1 - at.y}; break;
      case PatternKind::tornado:
        to = {(at.x + (shape.width + 1) / 2 - 1) % shape.width, (at.y + (shape.height + 1) / 2 - 1) % shape.height};
        break;
      case PatternKind::neighbour: to = {(at.x + 1) % shape.width, (at.y + 1) % shape.height}; break;
    }
    partner_[node] = shape.index(to);
    senders_[node] = partner_[node] != node && alive(node) && alive(partner_[node]);
  }
  count_ = static_cast<unsigned>(std::ranges::count(senders_, true));
  if (count_ == 0) {
    throw InputError(
        fmt::format("nobody sends anything by the pattern {} on {}x{} nodes; use a larger fabric or uniform",
                    pattern_names()[static_cast<std::size_t>(kind)], shape.width, shape.height));
  }
}

unsigned Pattern::destination(unsigned node, const std::function<std::uint32_t()>& random) const {
  const auto anyone = [&] { return live_[static_cast<std::size_t>(std::uint64_t{random()} * live_.size() >> 32)]; };
  if (kind_ == PatternKind::uniform) return anyone();
  if (kind_ == PatternKind::hotspot) return random() < kHotspotShare * 4294967296.0 ? hot_ : anyone();
  return partner_[node];
}

void Pattern::demand(unsigned node, std::vector<double>& share) const {
  std::ranges::fill(share, 0.0);
  if (!senders_[node]) return;
  if (kind_ != PatternKind::uniform && kind_ != PatternKind::hotspot) {
    share[partner_[node]] = 1;
    return;
  }
  const double hot = kind_ == PatternKind::hotspot ? kHotspotShare : 0;
  for (const unsigned to : live_) share[to] = (1 - hot) / static_cast<double>(live_.size());
  share[hot_] += hot;
}

Pattern::Analysis Pattern::analyse() const {
  std::vector<double> load(std::size_t{shape_.nodes()} * fabric::kPorts), share(shape_.nodes());
  double hops = 0;
  for (const unsigned source : live_) {
    demand(source, share);
    for (const unsigned destination : live_) {
      if (share[destination] == 0) continue;
      unsigned node = source;
      for (;;) {
        const unsigned port = fabric::next_port(shape_, routes_, node, destination);
        load[std::size_t{node} * fabric::kPorts + port] += share[destination];
        if (port == fabric::kLocal) break;
        node = shape_.neighbour(node, port);
        hops += share[destination];
      }
    }
  }
  const auto worst = static_cast<std::size_t>(std::ranges::max_element(load) - load.begin());
  Analysis found;
  found.limit = std::min(1.0, 1.0 / load[worst]);  // a node injects at most one flit a cycle
  found.node = static_cast<unsigned>(worst / fabric::kPorts);
  found.port = static_cast<unsigned>(worst % fabric::kPorts);
  found.mean_hops = hops / count_;
  return found;
}

}  // namespace tatami::noc
