# Ordered list of the RTL: packages, then units, then the node. Paths are relative to rtl/.
# d1_opcodes_pkg.sv is generated from sw/isa by the build.
d1_opcodes_pkg.sv
pkg/d1_pkg.sv
noc/d1_noc_pkg.sv
simd/d1_simd_pkg.sv
fp/d1_fp32_pkg.sv
fp/d1_convert_pkg.sv
matrix/d1_matrix_pkg.sv
core/d1_core_pkg.sv

common/d1_fifo_control.sv
common/d1_fifo.sv
common/d1_turns.sv

fp/d1_fp32_fma.sv
fp/d1_fp32_lane_ops.sv
fp/d1_fp32_reduce.sv
fp/d1_fp32_lanes.sv
fp/d1_threefry.sv
fp/d1_convert_lanes.sv
fp/d1_convert.sv

simd/d1_simd_decode.sv
simd/d1_simd_int.sv
simd/d1_simd_perm.sv
simd/d1_simd.sv

matrix/d1_matrix_operands.sv
matrix/d1_matrix_decode.sv
matrix/d1_matrix_tiles.sv
matrix/d1_matrix_array.sv
matrix/d1_matrix.sv

memory/d1_sram_array.sv
memory/d1_sram_grant.sv
memory/d1_sram_patience.sv
memory/d1_sram_return.sv
memory/d1_sram_bank.sv
memory/d1_sram.sv
memory/d1_lsu_agen.sv
memory/d1_lsu_amo.sv
memory/d1_lsu_load.sv
memory/d1_lsu_store.sv
memory/d1_lsu_resv.sv
memory/d1_lsu_slot.sv
memory/d1_lsu.sv

noc/d1_link_rx.sv
noc/d1_link_tx.sv
noc/d1_niu_collect.sv
noc/d1_live_count.sv
noc/d1_niu_request.sv
noc/d1_niu_serve.sv
noc/d1_mover_steps.sv
noc/d1_mover.sv
noc/d1_niu_turns.sv
noc/d1_niu.sv
noc/d1_sync.sv
noc/d1_trigger.sv
noc/d1_route.sv
noc/d1_tree_route.sv
noc/d1_tree_boxes.sv
noc/d1_vc_fifo.sv
noc/d1_link_check.sv
noc/d1_router_buffer.sv
noc/d1_router_arbiter.sv
noc/d1_router_credits.sv
noc/d1_router_output.sv
noc/d1_router.sv
noc/d1_link_events.sv

core/d1_decode.sv
core/d1_ibuf.sv
core/d1_ifill.sv
core/d1_xrf.sv
core/d1_vrf.sv
core/d1_alu.sv
core/d1_csr.sv
core/d1_scoreboard.sv
core/d1_descriptors.sv
core/d1_thread.sv
core/d1_arbiter.sv
core/d1_order.sv
core/d1_patience.sv
core/d1_mul.sv
core/d1_div.sv
core/d1_muldiv.sv
core/d1_issue.sv
core/d1_late.sv
core/d1_core.sv

top/d1_node.sv
top/d1_mesh.sv
