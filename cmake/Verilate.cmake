# Verilated models: the flags stand here, once.
#
#   tatami_verilate(NAME TOP module [SOURCES file...] [TRACE vcd|fst] [ASSERT] [HOOK] [FLAGS verilator-flag...] [OPT c++-flag...])
#
# defines a library NAME with the class V<module> (header V<module>.h). SOURCES default to everything in rtl/rtl.f.
# HOOK: a clock edge calls tatami_between_parts() (between_parts.py).
# Verilator and its makefile run at build time, so configuring stays fast, and the makefile's own object list is used
# because the number of generated files is not known before.

find_program(VERILATOR verilator REQUIRED)
execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)

set(TATAMI_VERILATOR_FLAGS
    --cc -O3
    --x-assign fast --x-initial fast
    # Unrolled arithmetic arrays run 1.5 times faster than generated loops.
    --unroll-count 4096 --unroll-stmts 100000
    --no-timing
    CACHE STRING "Verilator flags of every model")
set(TATAMI_MODEL_OPT -O2 CACHE STRING "C++ flags of the generated code that runs each cycle")
# Large models are split so that two compilers can work on them.
set(TATAMI_MODEL_SPLIT 20000 CACHE STRING "Verilator's --output-split")

# What every generated header needs: Verilator's include directories, without our warnings.
foreach(kind plain vcd fst)
  set(runtime verilated_${kind})
  add_library(${runtime} STATIC EXCLUDE_FROM_ALL ${VERILATOR_ROOT}/include/verilated.cpp ${VERILATOR_ROOT}/include/verilated_threads.cpp)
  target_include_directories(${runtime} SYSTEM PUBLIC ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_options(${runtime} PRIVATE -w PUBLIC -faligned-new)
  target_link_libraries(${runtime} PUBLIC Threads::Threads)
  set(defines VM_COVERAGE=0 VM_SC=0 VM_TRACE=0 VM_TRACE_FST=0 VM_TRACE_VCD=0)
  if(kind STREQUAL vcd)
    target_sources(${runtime} PRIVATE ${VERILATOR_ROOT}/include/verilated_vcd_c.cpp)
    set(defines VM_COVERAGE=0 VM_SC=0 VM_TRACE=1 VM_TRACE_FST=0 VM_TRACE_VCD=1)
  elseif(kind STREQUAL fst)
    target_sources(${runtime} PRIVATE ${VERILATOR_ROOT}/include/verilated_fst_c.cpp)
    target_link_libraries(${runtime} PUBLIC ZLIB::ZLIB)
    set(defines VM_COVERAGE=0 VM_SC=0 VM_TRACE=1 VM_TRACE_FST=1 VM_TRACE_VCD=0)
  endif()
  target_compile_definitions(${runtime} PUBLIC ${defines})
endforeach()

# The RTL's file list: one path a line, relative to the repository or to rtl/; '#' and '//' start comments.
set(TATAMI_RTL_LIST ${PROJECT_SOURCE_DIR}/rtl/rtl.f)
set(TATAMI_RTL_SOURCES)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${TATAMI_RTL_LIST})
file(STRINGS ${TATAMI_RTL_LIST} lines)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "(#|//).*" "" line "${line}")
  string(STRIP "${line}" line)
  if(line STREQUAL "" OR line MATCHES "^[+-]")
    continue()
  endif()
  if(line MATCHES "d1_opcodes_pkg\\.sv$")  # generated from the opcode table
    list(APPEND TATAMI_RTL_SOURCES ${TATAMI_OPCODES_SV})
  elseif(EXISTS ${PROJECT_SOURCE_DIR}/${line})
    list(APPEND TATAMI_RTL_SOURCES ${PROJECT_SOURCE_DIR}/${line})
  else()
    list(APPEND TATAMI_RTL_SOURCES ${PROJECT_SOURCE_DIR}/rtl/${line})
  endif()
endforeach()
file(GLOB_RECURSE TATAMI_RTL_HEADERS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rtl/*.svh ${PROJECT_SOURCE_DIR}/rtl/*.vlt)

function(tatami_verilate name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ASSERT;HOOK" "TOP;TRACE" "SOURCES;FLAGS;OPT")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${TATAMI_RTL_SOURCES})
  endif()
  if(NOT arg_OPT AND arg_TRACE)
    set(arg_OPT -O1)  # somebody waits for it, and writing the waves takes longer than computing them
  elseif(NOT arg_OPT)
    set(arg_OPT ${TATAMI_MODEL_OPT})
  endif()
  set(flags ${TATAMI_VERILATOR_FLAGS} --output-split ${TATAMI_MODEL_SPLIT})
  if(arg_ASSERT)
    list(APPEND flags --assert)
  else()
    list(APPEND flags --noassert)
  endif()
  set(runtime verilated_plain)
  if(arg_TRACE STREQUAL vcd)
    set(runtime verilated_vcd)
    list(APPEND flags --trace --trace-structs)
  elseif(arg_TRACE STREQUAL fst)
    set(runtime verilated_fst)
    list(APPEND flags --trace-fst --trace-structs)
  endif()
  # Style belongs to scripts/lint; a build stops for errors only.
  list(APPEND flags -Wno-lint -Wno-style -Wno-fatal ${arg_FLAGS})
  set(prefix V${arg_TOP})
  set(dir ${PROJECT_BINARY_DIR}/verilated/${name})
  set(archive ${dir}/${prefix}__ALL.a)
  set(hook)
  set(hook_script)
  if(arg_HOOK)
    set(hook_script ${PROJECT_SOURCE_DIR}/cmake/between_parts.py)
    set(hook COMMAND ${Python3_EXECUTABLE} ${hook_script} ${dir} ${prefix})
  endif()
  set(launcher)
  if(CCACHE)
    set(launcher OBJCACHE=${CCACHE})
  endif()
  string(REPLACE ";" " " opt "${arg_OPT}")
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(
    OUTPUT ${archive}
    BYPRODUCTS ${dir}/${prefix}.h ${dir}/${prefix}___024root.h
    COMMAND ${VERILATOR} ${flags} --Mdir ${dir} --prefix ${prefix} --top-module ${arg_TOP}
            +incdir+${PROJECT_SOURCE_DIR}/rtl/pkg +incdir+${TATAMI_GENERATED_DIR} ${arg_SOURCES}
    ${hook}
    COMMAND make --no-print-directory -s -C ${dir} -f ${prefix}.mk -j2 ${launcher} OPT_FAST=${opt} OPT_SLOW=-O1 ${prefix}__ALL.a > make.log
    DEPENDS ${arg_SOURCES} ${TATAMI_RTL_HEADERS} ${hook_script}
    COMMENT "Verilating ${arg_TOP} (${name})"
    VERBATIM)
  add_custom_target(${name}_model DEPENDS ${archive})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_model)
  target_include_directories(${name} SYSTEM INTERFACE ${dir})
  target_link_libraries(${name} INTERFACE ${archive} ${runtime})
endfunction()
