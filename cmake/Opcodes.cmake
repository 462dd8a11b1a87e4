# The opcode table generates the decoder's constants, the intrinsics, the golden model's decoder and the disassembler.
# Target tatami_opcodes makes them; link it (or list TATAMI_OPCODES_* in DEPENDS) where a generated file is used.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(TATAMI_OPCODES_SV ${TATAMI_GENERATED_DIR}/d1_opcodes_pkg.sv)
set(TATAMI_OPCODES_C ${TATAMI_GENERATED_DIR}/tatami_intrinsics_gen.h)
set(TATAMI_OPCODES_CPP ${TATAMI_GENERATED_DIR}/opcodes.gen.h)

add_library(tatami_opcodes INTERFACE)
target_include_directories(tatami_opcodes INTERFACE ${TATAMI_GENERATED_DIR})
file(GLOB tables CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sw/isa/*)
add_custom_command(
  OUTPUT ${TATAMI_OPCODES_SV} ${TATAMI_OPCODES_C} ${TATAMI_OPCODES_CPP}
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/sw/isa/generate.py --out ${TATAMI_GENERATED_DIR}
  DEPENDS ${tables}
  COMMENT "Generating opcode tables"
  VERBATIM)
add_custom_target(tatami_opcodes_files DEPENDS ${TATAMI_OPCODES_SV} ${TATAMI_OPCODES_C} ${TATAMI_OPCODES_CPP})
add_dependencies(tatami_opcodes tatami_opcodes_files)
