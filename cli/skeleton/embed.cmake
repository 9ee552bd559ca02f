# cmake -Doutput=FILE.c -Dfolder=SKELETONS -Dheader=policy.h -P embed.cmake
# The skeletons and policy.h as bytes of vencejo-policy, so that it needs no
# other file wherever it is installed.
function(bytes_of file ret_text)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," text "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    " text "${text}")
    set(${ret_text} "${text}" PARENT_SCOPE)
endfunction()

set(text "/* Written by the build from cli/skeleton/ and algorithms/policy.h. */
#include \"skeleton.h\"

")
set(rows "")
file(GLOB files ${folder}/*.in)
list(SORT files)
foreach(file ${files} ${header})
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.in$" "" name ${name})
    string(MAKE_C_IDENTIFIER ${name} id)
    bytes_of(${file} bytes)
    string(APPEND text "static const char ${id}[] = {\n    ${bytes}0};\n\n")
    string(APPEND rows "    {\"${name}\", ${id}},\n")
endforeach()
string(APPEND text "const struct skeleton skeletons[] = {\n${rows}    {0},\n};\n")
file(WRITE ${output} "${text}")
