# Ordered list of the RTL: packages, then units, then the node. Paths are relative to rtl/.
# d1_opcodes_pkg.sv is generated from sw/isa by the build.
d1_opcodes_pkg.sv
pkg/d1_pkg.sv
noc/d1_noc_pkg.sv
simd/d1_simd_pkg.sv
common/d1_fifo.sv
memory/d1_lsu_agen.sv
memory/d1_lsu_load.sv
memory/d1_lsu_store.sv
memory/d1_lsu_amo.sv
memory/d1_lsu_resv.sv
memory/d1_lsu_slot.sv
memory/d1_lsu.sv
memory/d1_sram_grant.sv
memory/d1_sram_array.sv
memory/d1_sram_return.sv
memory/d1_sram.sv
noc/d1_link_tx.sv
noc/d1_link_rx.sv
noc/d1_niu_request.sv
noc/d1_niu_serve.sv
noc/d1_niu_collect.sv
noc/d1_niu.sv
noc/d1_sync.sv
noc/d1_loopback.sv
top/d1_node.sv
