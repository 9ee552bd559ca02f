# Run by every build: write the commit into version.c, and touch that file only
# when the commit has changed, so that nothing is linked again for nothing.
#   cmake -Dsource=DIR -Doutput=FILE -Dversion=X.Y.Z -P commit.cmake
# An archive made by `git archive` has its commit in commit.txt; in a checkout
# the placeholder is still there.
set(commit "unknown")
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/commit.txt archived LIMIT_COUNT 1)
if(archived MATCHES "^[0-9a-f]+$")
    string(SUBSTRING ${archived} 0 12 commit)
endif()

find_program(git git)
# The test for .git keeps an unpacked archive from taking the commit of a
# repository that happens to lie around it.
if(git AND EXISTS "${source}/.git")
    execute_process(
        COMMAND ${git} -C ${source} describe --always --dirty --abbrev=12
                --exclude *
        OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
        RESULT_VARIABLE failed)
    if(NOT failed)
        set(commit "${described}")
    endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.c.in ${output} @ONLY)
