# Programs for the simulated machine.
#
#   tatami_kernel(NAME SOURCES file... [FLAGS flag...])
#
# compiles with the same rules as `tatami cc` into ${TATAMI_SW_DIR}/NAME.elf and adds it to the target tatami_kernels.
find_program(RISCV_CC riscv64-unknown-elf-gcc REQUIRED)
set(TATAMI_SW_DIR ${PROJECT_BINARY_DIR}/sw)
file(MAKE_DIRECTORY ${TATAMI_SW_DIR})
add_custom_target(tatami_kernels)

function(tatami_kernel name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FLAGS")
  set(elf ${TATAMI_SW_DIR}/${name}.elf)
  set(sources)
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sw/*.h)
  file(GLOB runtime CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sw/runtime/*)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E env TATAMI_GENERATED=${TATAMI_GENERATED_DIR}
            ${PROJECT_SOURCE_DIR}/scripts/kernel-cc ${sources} -o ${elf} ${arg_FLAGS}
    DEPENDS ${sources} ${headers} ${runtime} ${TATAMI_OPCODES_C} ${PROJECT_SOURCE_DIR}/scripts/kernel-cc
    COMMENT "Compiling kernel ${name}"
    VERBATIM)
  add_custom_target(kernel_${name} ALL DEPENDS ${elf})
  add_dependencies(tatami_kernels kernel_${name})
endfunction()
