#include "policy_object.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The _chk forms are what the same calls become under _FORTIFY_SOURCE. */
const char *const policy_object_pure[] = {"memcpy",
                                          "memmove",
                                          "memset",
                                          "memcmp",
                                          "strcmp",
                                          "strncmp",
                                          "strlen",
                                          "snprintf",
                                          "vsnprintf",
                                          "__memcpy_chk",
                                          "__memmove_chk",
                                          "__memset_chk",
                                          "__snprintf_chk",
                                          "__vsnprintf_chk",
                                          "__assert_fail",
                                          "__stack_chk_fail",
                                          NULL};

struct object
{
    const char *path;
    Elf *elf;
    struct complaint *complaint;
};

static int refuse(const struct object *o, const char *what, const char *name)
{
    return complain(o->complaint, -ENOEXEC, o->path, 0, 0, what, name);
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static int check_symbols(const struct object *o,
                         Elf_Scn *section,
                         const GElf_Shdr *head)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = head->sh_entsize ? head->sh_size / head->sh_entsize : 0;
    for (size_t i = 1; data && i < count && i < INT32_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            return refuse(o, "its symbols cannot be read%s", "");
        if (symbol.st_shndx != SHN_UNDEF)
            continue;
        const char *name = elf_strptr(o->elf, head->sh_link, symbol.st_name);
        if (!name)
            return refuse(o, "its symbols cannot be read%s", "");
        if (!is_listed(policy_object_api, name) &&
            !is_listed(policy_object_pure, name))
            return refuse(o,
                          "it calls %s, which no policy may: it has no clock, "
                          "file, allocator or randomness but what policy.h "
                          "gives it; build it by `vencejo policy build`, which "
                          "leaves out what compilers add",
                          name);
    }
    return 0;
}

static int check_dynamic(const struct object *o,
                         Elf_Scn *section,
                         const GElf_Shdr *head)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = head->sh_entsize ? head->sh_size / head->sh_entsize : 0;
    for (size_t i = 0; data && i < count && i < INT32_MAX; i++) {
        GElf_Dyn entry;
        if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag == DT_NULL)
            return 0;
        switch (entry.d_tag) {
            case DT_NEEDED: {
                const char *name =
                    elf_strptr(o->elf, head->sh_link, entry.d_un.d_val);
                if (!name || strcmp(name, "libc.so.6") != 0)
                    return refuse(o,
                                  "it needs the library %s; a policy needs no "
                                  "other than the C library",
                                  name ? name : "?");
                break;
            }
            case DT_INIT:
            case DT_FINI:
            case DT_INIT_ARRAY:
            case DT_FINI_ARRAY:
            case DT_PREINIT_ARRAY:
                return refuse(o,
                              "it has code that runs when it is loaded%s; "
                              "build it by `vencejo policy build`",
                              "");
            default:
                break;
        }
    }
    return 0;
}

/* Constants with addresses in them are written once, by the loader; the arrays
 * of what runs then are refused by their entries in .dynamic. */
static int check_data(const struct object *o,
                      const char *name,
                      const GElf_Shdr *head)
{
    static const char *const of_loader[] = {
        ".dynamic",           ".got",        ".got.plt",    ".data.rel.ro",
        ".data.rel.ro.local", ".init_array", ".fini_array", NULL};
    if (!(head->sh_flags & SHF_WRITE) || !(head->sh_flags & SHF_ALLOC) ||
        head->sh_size == 0 || is_listed(of_loader, name))
        return 0;
    return refuse(
        o,
        "it holds data that can change, in %s; a policy keeps what it "
        "remembers in its state: make tables const",
        name);
}

static int check_sections(const struct object *o)
{
    size_t names;
    if (elf_getshdrstrndx(o->elf, &names))
        return refuse(o, "its sections cannot be read%s", "");
    bool dynamic = false;
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(o->elf, section))) {
        GElf_Shdr head;
        const char *name;
        int error = 0;
        if (!gelf_getshdr(section, &head) ||
            !(name = elf_strptr(o->elf, names, head.sh_name)))
            return refuse(o, "its sections cannot be read%s", "");
        if (head.sh_type == SHT_DYNSYM)
            error = check_symbols(o, section, &head);
        else if (head.sh_type == SHT_DYNAMIC)
            error = check_dynamic(o, section, &head);
        if (!error)
            error = check_data(o, name, &head);
        if (error)
            return error;
        dynamic = dynamic || head.sh_type == SHT_DYNAMIC;
    }
    return dynamic ? 0
                   : refuse(o,
                            "it is no shared object%s: build it by "
                            "`vencejo policy build`",
                            "");
}

int policy_object_check(const char *path, struct complaint *ret_complaint)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return complain(ret_complaint, -errno, path, 0, 0,
                        "it cannot be opened: %s", strerror(errno));
    elf_version(EV_CURRENT);
    struct object o = {.path = path,
                       .elf = elf_begin(file, ELF_C_READ, NULL),
                       .complaint = ret_complaint};
    GElf_Ehdr head;
    int error;
    if (!o.elf || elf_kind(o.elf) != ELF_K_ELF || !gelf_getehdr(o.elf, &head))
        error = refuse(&o,
                       "it is no ELF file%s: build it by `vencejo policy "
                       "build`",
                       "");
    else if (head.e_type != ET_DYN)
        error = refuse(&o,
                       "it is no shared object%s: build it by `vencejo "
                       "policy build`",
                       "");
    else
        error = check_sections(&o);
    elf_end(o.elf);
    close(file);
    return error;
}
