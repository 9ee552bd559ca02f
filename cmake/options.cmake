# Flags, and the one way in which this project makes libraries, programs, tests
# and fuzzers.

# Asserts stay on in every build: no -DNDEBUG.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")

add_library(vencejo_options INTERFACE)
target_compile_options(vencejo_options INTERFACE
    -ffp-contract=off -fvisibility=hidden -Wall -Wextra -Wpedantic -Wconversion
    -Wshadow -Wformat=2 -Wvla -Wundef -Wno-format-nonliteral
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
    # Named constants are enums here, and stand in arithmetic of doubles too.
    $<$<C_COMPILER_ID:Clang>:-Wno-enum-float-conversion>
    $<$<BOOL:${VENCEJO_WERROR}>:-Werror>)
target_compile_definitions(vencejo_options INTERFACE _GNU_SOURCE)
if(VENCEJO_SANITIZE)
    # Programs in C load the module in C++, and bring clang's sanitizer without
    # the part in C++ that these two checks need.
    target_compile_options(vencejo_options INTERFACE
        -fsanitize=${VENCEJO_SANITIZE} -fno-sanitize-recover=all
        $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fno-sanitize=vptr,function>)
    target_link_options(vencejo_options INTERFACE
        -fsanitize=${VENCEJO_SANITIZE})
endif()
if(VENCEJO_FUZZ)
    target_compile_options(vencejo_options INTERFACE
        $<$<COMPILE_LANGUAGE:C>:-fsanitize=fuzzer-no-link>)
endif()

# An event passes through many small functions of many files: joined when
# vencejo-sim is linked, and inlined further, they are 9 % faster. Tests are
# linked from the same libraries without that, which is quicker.
set(VENCEJO_JOINS OFF)
if(CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_BUILD_TYPE STREQUAL Release)
    set(VENCEJO_JOINS ON)
    target_link_options(vencejo_options INTERFACE
        $<IF:$<BOOL:$<TARGET_PROPERTY:JOINED_AT_LINK>>,-flto=auto,-fno-lto>)
endif()

# vencejo_library(NAME SOURCES... LIBRARIES...)
function(vencejo_library name)
    cmake_parse_arguments(A "" "" "SOURCES;LIBRARIES" ${ARGN})
    if(NOT A_SOURCES)
        message(STATUS "${name}: no sources yet")
        add_library(${name} INTERFACE)
        return()
    endif()
    add_library(${name} STATIC ${A_SOURCES})
    target_link_libraries(${name} PRIVATE vencejo_options PUBLIC ${A_LIBRARIES})
    if(VENCEJO_JOINS)
        target_compile_options(${name} PRIVATE
            $<$<COMPILE_LANGUAGE:C>:-O3 -flto=auto -ffat-lto-objects>)
    endif()
endfunction()

# vencejo_program(NAME SOURCES... LIBRARIES...)
function(vencejo_program name)
    cmake_parse_arguments(A "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(${name} ${A_SOURCES})
    target_link_libraries(${name} PRIVATE vencejo_options ${A_LIBRARIES})
endfunction()

# vencejo_test(LABEL NAME SOURCES... LIBRARIES... [ENVIRONMENT...]): a CUnit
# program, one for each test_*.c.
function(vencejo_test label name)
    cmake_parse_arguments(A "" "" "SOURCES;LIBRARIES;ENVIRONMENT" ${ARGN})
    vencejo_program(test_${name} SOURCES ${A_SOURCES}
        LIBRARIES ${A_LIBRARIES} PkgConfig::CUNIT)
    add_test(NAME ${label}/${name} COMMAND test_${name})
    set_tests_properties(${label}/${name} PROPERTIES LABELS ${label}
        ENVIRONMENT "BIN=${CMAKE_BINARY_DIR}/bin;SOURCE=${CMAKE_SOURCE_DIR};${A_ENVIRONMENT}"
        SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

# vencejo_fuzzer(NAME [SOURCES...] LIBRARIES...): tests/fuzz/fuzz_NAME.c. With
# libFuzzer it searches; else it runs the inputs that it is given, as a
# regression test over tests/fuzz/corpus/NAME.
function(vencejo_fuzzer name)
    cmake_parse_arguments(A "" "" "SOURCES;LIBRARIES" ${ARGN})
    vencejo_program(fuzz_${name}
        SOURCES fuzz/fuzz_${name}.c fuzz/harness.c ${A_SOURCES}
        LIBRARIES ${A_LIBRARIES})
    if(VENCEJO_FUZZ)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(fuzz_${name} PRIVATE fuzz/replay.c)
        add_test(NAME fuzz/${name} COMMAND fuzz_${name}
            ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
        set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz)
    endif()
endfunction()

find_package(PkgConfig REQUIRED)
pkg_check_modules(CUNIT REQUIRED IMPORTED_TARGET cunit)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(GSL REQUIRED IMPORTED_TARGET gsl)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(SIMGRID IMPORTED_TARGET simgrid)
