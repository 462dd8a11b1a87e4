# Ordered list of the RTL: packages, then units, then the node. Paths are relative to rtl/.
# d1_opcodes_pkg.sv is generated from sw/isa by the build.
d1_opcodes_pkg.sv
pkg/d1_pkg.sv
noc/d1_noc_pkg.sv
simd/d1_simd_pkg.sv
noc/d1_niu.sv
noc/d1_sync.sv
noc/d1_loopback.sv
top/d1_node.sv
