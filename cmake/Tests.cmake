# Tests.
#
#   tatami_add_test(TARGET NAME name SOURCES file... [LIBS lib...] [LABELS label...])
#
# one GoogleTest program TARGET, one CTest test NAME. Labels: unit, isa, kernel, mesh, and slow for what scripts/test leaves out.
#
# Every tests/<dir>/<name>_test.cpp becomes the test <dir>/<name>, target <dir>_<name>_test (see tests/README.md); what it
# needs it says in comments at the beginning of a line:
#   // verilate: TOP...    verilated modules; header V<TOP>.h. Without it <name> is verilated if rtl/ has such a module.
#                          Assertions are on.
#   // sources: file...    RTL files to verilate, relative to the repository (default: all of rtl/rtl.f)
#   // labels: label...    default: the directory's (isa, kernel, mesh), else unit
#   // libs: target...     libraries besides tatami_golden and tatami_host
#   // needs: target...    built before the test: tatami_kernels, tatami
#   // opt: flag...        C++ flags of the verilated models instead of TATAMI_MODEL_OPT: for large ones that run briefly
#   // cost: n             CTest starts expensive tests first

function(tatami_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;COST" "SOURCES;LIBS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # MPFR is the yardstick of arithmetic tests; tests that do not use it are not linked with it.
  target_link_libraries(${name} PRIVATE ${arg_LIBS} tatami_host tatami_golden tatami_warnings
    GTest::gmock GTest::gtest GTest::gtest_main -Wl,--as-needed ${MPFR_LIBRARY} ${GMP_LIBRARY})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
    TATAMI_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TATAMI_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${arg_NAME} COMMAND ${name})
  # A test that hangs is a failure, not a stuck job.
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900)
  if(arg_COST)
    set_tests_properties(${arg_NAME} PROPERTIES COST ${arg_COST})
  endif()
endfunction()

# tatami_add_netlist_test(DIR/NAME NETLISTS module... RTL file... SCRIPT "passes" [TOP module] [SOURCES file...] [LIBS lib...]
#                         [DEFINE name...])
#
# The test DIR/NAME_netlist: NAME_test.cpp once more, on what Yosys makes of the sources, as parsing is no proof. RTL is read, and
# each of NETLISTS is brought through "hierarchy; SCRIPT", checked and written as Verilog; they are verilated together with SOURCES, TOP is
# their top (default NAME). RTL files are relative to rtl/, without .sv. Label slow, and built by a test of its own,
# DIR/NAME_netlist_build, so that a normal build needs no Yosys.
function(tatami_add_netlist_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TOP;SCRIPT" "NETLISTS;RTL;SOURCES;LIBS;DEFINE")
  set(test ${name}_netlist)
  string(REPLACE "/" "_" target ${test}_test)
  get_filename_component(module ${name} NAME)
  if(NOT arg_TOP)
    set(arg_TOP ${module})
  endif()
  set(rtl)
  foreach(file IN LISTS arg_RTL)
    if(NOT IS_ABSOLUTE ${file})
      set(file ${PROJECT_SOURCE_DIR}/rtl/${file}.sv)
    endif()
    list(APPEND rtl ${file})
  endforeach()
  list(JOIN rtl " " files)
  set(read "read_verilog -sv -DSYNTHESIS -I${PROJECT_SOURCE_DIR}/rtl/pkg ${files}")
  set(netlists)
  foreach(part IN LISTS arg_NETLISTS)
    set(netlist ${CMAKE_CURRENT_BINARY_DIR}/${part}.v)
    add_custom_command(
      OUTPUT ${netlist}
      COMMAND yosys -q -p "${read}; hierarchy -check -top ${part}; ${arg_SCRIPT}; check -assert; write_verilog -noattr ${netlist}"
      DEPENDS ${rtl}
      COMMENT "Synthesizing ${part} (needs yosys, scripts/packages-synth.txt)"
      VERBATIM)
    list(APPEND netlists ${netlist})
  endforeach()
  string(REPLACE "/" "_" model ${test})
  tatami_verilate(${model} TOP ${arg_TOP} SOURCES ${netlists} ${arg_SOURCES})
  tatami_add_test(${target} NAME ${test} SOURCES ${module}_test.cpp LIBS ${model} ${arg_LIBS} LABELS slow)
  target_compile_definitions(${target} PRIVATE ${arg_DEFINE})
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_test(NAME ${test}_build COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target ${target})
  set_tests_properties(${test}_build PROPERTIES LABELS slow TIMEOUT 1800 FIXTURES_SETUP ${test})
  set_tests_properties(${test} PROPERTIES FIXTURES_REQUIRED ${test})
endfunction()

# The words after "// KEY:" in FILE.
function(tatami_test_words out file key)
  file(STRINGS ${file} lines REGEX "^// ${key}:")
  set(words)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^// ${key}:" "" line "${line}")
    separate_arguments(line UNIX_COMMAND "${line}")
    list(APPEND words ${line})
  endforeach()
  set(${out} ${words} PARENT_SCOPE)
endfunction()

function(tatami_add_test_file file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR}/tests ${file})
  string(REGEX REPLACE "_test\\.cpp$" "" name ${path})
  string(REPLACE "/" "_" target ${name}_test)
  foreach(key verilate sources labels libs needs opt cost)
    tatami_test_words(${key} ${file} ${key})
  endforeach()

  get_filename_component(module ${name} NAME)
  if(NOT verilate)
    file(GLOB_RECURSE found ${PROJECT_SOURCE_DIR}/rtl/${module}.sv)
    if(found)
      set(verilate ${module})
    endif()
  endif()
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/)
  list(TRANSFORM sources REPLACE "^.*/d1_opcodes_pkg\\.sv$" "${TATAMI_OPCODES_SV}")
  if(NOT sources)
    set(sources ${TATAMI_RTL_SOURCES})
  endif()
  get_filename_component(dir ${file} DIRECTORY)
  foreach(top IN LISTS verilate)
    # A harness of the test's own lies beside it, or a configuration that makes signals visible.
    set(all ${sources})
    foreach(own ${dir}/${top}.vlt ${dir}/${top}.sv)
      if(EXISTS ${own})
        list(APPEND all ${own})
      endif()
    endforeach()
    tatami_verilate(${target}_${top} TOP ${top} SOURCES ${all} ASSERT OPT ${opt})
    list(APPEND libs ${target}_${top})
  endforeach()

  if(NOT labels)
    set(labels unit)
    if(path MATCHES "(^|/)(isa|kernel|mesh)s?/")
      set(labels ${CMAKE_MATCH_2})
    endif()
  endif()
  tatami_add_test(${target} NAME ${name} SOURCES ${file} LIBS ${libs} LABELS ${labels} COST "${cost}")
  if(needs)
    add_dependencies(${target} ${needs})
  endif()
endfunction()
