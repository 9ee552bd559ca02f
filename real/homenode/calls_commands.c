/* calls_commands.c - calls that have many meanings: what the argument of each
 * command is. Only commands that stand here are forwarded, since the size in an
 * ioctl's number says nothing of what follows the struct or hangs on it.
 */
#include "calls_rows.h"
#include "calls_shape.h"

#include <stddef.h>
#include <sys/syscall.h>

struct command
{
    uint32_t command;
    struct call_argument argument;
};

/* clang-format off */
static const struct command ioctls[] = {
    /* Terminals: <asm-generic/ioctls.h>. */
    {0x5401, OUT(36)},      /* TCGETS */
    {0x5402, IN(36)},       /* TCSETS */
    {0x5403, IN(36)},       /* TCSETSW */
    {0x5404, IN(36)},       /* TCSETSF */
    {0x5405, OUT(18)},      /* TCGETA */
    {0x5406, IN(18)},       /* TCSETA */
    {0x5407, IN(18)},       /* TCSETAW */
    {0x5408, IN(18)},       /* TCSETAF */
    {0x5409, V},            /* TCSBRK */
    {0x540a, V},            /* TCXONC */
    {0x540b, V},            /* TCFLSH */
    {0x540c, NO},           /* TIOCEXCL */
    {0x540d, NO},           /* TIOCNXCL */
    {0x540e, V},            /* TIOCSCTTY */
    {0x540f, OUT(4)},       /* TIOCGPGRP */
    {0x5410, IN(4)},        /* TIOCSPGRP */
    {0x5411, OUT(4)},       /* TIOCOUTQ */
    {0x5412, IN(1)},        /* TIOCSTI */
    {0x5413, OUT(8)},       /* TIOCGWINSZ */
    {0x5414, IN(8)},        /* TIOCSWINSZ */
    {0x5415, OUT(4)},       /* TIOCMGET */
    {0x5416, IN(4)},        /* TIOCMBIS */
    {0x5417, IN(4)},        /* TIOCMBIC */
    {0x5418, IN(4)},        /* TIOCMSET */
    {0x5419, OUT(4)},       /* TIOCGSOFTCAR */
    {0x541a, IN(4)},        /* TIOCSSOFTCAR */
    {0x541b, OUT(4)},       /* FIONREAD */
    {0x5420, IN(4)},        /* TIOCPKT */
    {0x5421, IN(4)},        /* FIONBIO */
    {0x5422, NO},           /* TIOCNOTTY */
    {0x5423, IN(4)},        /* TIOCSETD */
    {0x5424, OUT(4)},       /* TIOCGETD */
    {0x5425, V},            /* TCSBRKP */
    {0x5427, NO},           /* TIOCSBRK */
    {0x5428, NO},           /* TIOCCBRK */
    {0x5429, OUT(4)},       /* TIOCGSID */
    {0x802c542a, OUT(44)},  /* TCGETS2 */
    {0x402c542b, IN(44)},   /* TCSETS2 */
    {0x402c542c, IN(44)},   /* TCSETSW2 */
    {0x402c542d, IN(44)},   /* TCSETSF2 */
    {0x80045430, OUT(4)},   /* TIOCGPTN */
    {0x40045431, IN(4)},    /* TIOCSPTLCK */
    {0x80045432, OUT(4)},   /* TIOCGDEV */
    {0x40045436, V},        /* TIOCSIG */
    {0x5437, NO},           /* TIOCVHANGUP */
    {0x80045438, OUT(4)},   /* TIOCGPKT */
    {0x80045439, OUT(4)},   /* TIOCGPTLCK */
    {0x80045440, OUT(4)},   /* TIOCGEXCL */
    {0x5441, V},            /* TIOCGPTPEER */
    {0x5450, NO},           /* FIONCLEX */
    {0x5451, NO},           /* FIOCLEX */
    {0x5452, IN(4)},        /* FIOASYNC */
    {0x5460, OUT(8)},       /* FIOQSIZE */
    /* Sockets: <linux/sockios.h>. Those of struct ifreq look only at it. */
    {0x8901, IN(4)},        /* FIOSETOWN */
    {0x8902, IN(4)},        /* SIOCSPGRP */
    {0x8903, OUT(4)},       /* FIOGETOWN */
    {0x8904, OUT(4)},       /* SIOCGPGRP */
    {0x8905, OUT(4)},       /* SIOCATMARK */
    {0x8906, OUT(16)},      /* SIOCGSTAMP */
    {0x8907, OUT(16)},      /* SIOCGSTAMPNS */
    {0x8910, BOTH(40)},     /* SIOCGIFNAME */
    {0x8913, BOTH(40)},     /* SIOCGIFFLAGS */
    {0x8915, BOTH(40)},     /* SIOCGIFADDR */
    {0x8917, BOTH(40)},     /* SIOCGIFDSTADDR */
    {0x8919, BOTH(40)},     /* SIOCGIFBRDADDR */
    {0x891b, BOTH(40)},     /* SIOCGIFNETMASK */
    {0x891d, BOTH(40)},     /* SIOCGIFMETRIC */
    {0x8921, BOTH(40)},     /* SIOCGIFMTU */
    {0x8927, BOTH(40)},     /* SIOCGIFHWADDR */
    {0x8933, BOTH(40)},     /* SIOCGIFINDEX */
    {0x8942, BOTH(40)},     /* SIOCGIFTXQLEN */
    {0x894b, OUT(4)},       /* SIOCOUTQNSD */
    /* Files and block devices: <linux/fs.h>. FS_IOC_GETFLAGS and its like move
     * an int, whatever their numbers say. */
    {0x0002, OUT(4)},       /* FIGETBSZ */
    {0x80086601, OUT(4)},   /* FS_IOC_GETFLAGS */
    {0x40086602, IN(4)},    /* FS_IOC_SETFLAGS */
    {0x80087601, OUT(4)},   /* FS_IOC_GETVERSION */
    {0x801c581f, OUT(28)},  /* FS_IOC_FSGETXATTR */
    {0x401c5820, IN(28)},   /* FS_IOC_FSSETXATTR */
    {0x81009431, OUT(256)}, /* FS_IOC_GETFSLABEL */
    {0x40049409, V},        /* FICLONE */
    {0x4020940d, IN(32)},   /* FICLONERANGE */
    {0x125e, OUT(4)},       /* BLKROGET */
    {0x1260, OUT(8)},       /* BLKGETSIZE */
    {0x1268, OUT(4)},       /* BLKSSZGET */
    {0x127b, OUT(4)},       /* BLKPBSZGET */
    {0x80081270, OUT(4)},   /* BLKBSZGET */
    {0x80081272, OUT(8)},   /* BLKGETSIZE64 */
    {0x80045200, OUT(4)},   /* RNDGETENTCNT */
    {0x40085400, IN(8)},    /* TFD_IOC_SET_TICKS */
    {0x40044900, V},        /* INOTIFY_IOC_SETNEXTWD */
};

static const struct command fcntls[] = {
    {0, V},          /* F_DUPFD */
    {1, NO},         /* F_GETFD */
    {2, V},          /* F_SETFD */
    {3, NO},         /* F_GETFL */
    {4, V},          /* F_SETFL */
    {5, BOTH(32)},   /* F_GETLK */
    {6, IN(32)},     /* F_SETLK */
    {7, IN(32)},     /* F_SETLKW */
    {8, V},          /* F_SETOWN */
    {9, NO},         /* F_GETOWN */
    {10, V},         /* F_SETSIG */
    {11, NO},        /* F_GETSIG */
    {15, IN(8)},     /* F_SETOWN_EX */
    {16, OUT(8)},    /* F_GETOWN_EX */
    {17, OUT(8)},    /* F_GETOWNER_UIDS */
    {36, BOTH(32)},  /* F_OFD_GETLK */
    {37, IN(32)},    /* F_OFD_SETLK */
    {38, IN(32)},    /* F_OFD_SETLKW */
    {1024, V},       /* F_SETLEASE */
    {1025, NO},      /* F_GETLEASE */
    {1026, V},       /* F_NOTIFY */
    {1027, V},       /* F_DUPFD_QUERY */
    {1028, NO},      /* F_CREATED_QUERY */
    {1030, V},       /* F_DUPFD_CLOEXEC */
    {1031, V},       /* F_SETPIPE_SZ */
    {1032, NO},      /* F_GETPIPE_SZ */
    {1033, V},       /* F_ADD_SEALS */
    {1034, NO},      /* F_GET_SEALS */
    {1035, OUT(8)},  /* F_GET_RW_HINT */
    {1036, IN(8)},   /* F_SET_RW_HINT */
    {1037, OUT(8)},  /* F_GET_FILE_RW_HINT */
    {1038, IN(8)},   /* F_SET_FILE_RW_HINT */
};

/* What is kept of a process and not of its memory: <linux/prctl.h>. */
static const struct command prctls[] = {
    {1, V},           /* PR_SET_PDEATHSIG */
    {2, OUT(4)},      /* PR_GET_PDEATHSIG */
    {3, NO},          /* PR_GET_DUMPABLE */
    {4, V},           /* PR_SET_DUMPABLE */
    {7, NO},          /* PR_GET_KEEPCAPS */
    {8, V},           /* PR_SET_KEEPCAPS */
    {15, IN(16)},     /* PR_SET_NAME */
    {16, OUT(16)},    /* PR_GET_NAME */
    {23, V},          /* PR_CAPBSET_READ */
    {24, V},          /* PR_CAPBSET_DROP */
    {27, NO},         /* PR_GET_SECUREBITS */
    {28, V},          /* PR_SET_SECUREBITS */
    {29, V},          /* PR_SET_TIMERSLACK */
    {30, NO},         /* PR_GET_TIMERSLACK */
    {36, V},          /* PR_SET_CHILD_SUBREAPER */
    {37, OUT(4)},     /* PR_GET_CHILD_SUBREAPER */
    {38, V},          /* PR_SET_NO_NEW_PRIVS */
    {39, V},          /* PR_GET_NO_NEW_PRIVS */
    {47, V},          /* PR_CAP_AMBIENT */
    {0x59616d61, V},  /* PR_SET_PTRACER */
};

static const struct command epoll_ctls[] = {
    {1, IN(12)}, /* EPOLL_CTL_ADD */
    {2, NO},     /* EPOLL_CTL_DEL */
    {3, IN(12)}, /* EPOLL_CTL_MOD */
};

/* Not GETALL and SETALL, whose size only the kernel knows. */
static const struct command semctls[] = {
    {0, NO},       /* IPC_RMID */
    {1, IN(104)},  /* IPC_SET */
    {2, OUT(104)}, /* IPC_STAT */
    {3, OUT(40)},  /* IPC_INFO */
    {11, NO},      /* GETPID */
    {12, NO},      /* GETVAL */
    {14, NO},      /* GETNCNT */
    {15, NO},      /* GETZCNT */
    {16, V},       /* SETVAL */
    {18, OUT(104)},/* SEM_STAT */
    {19, OUT(40)}, /* SEM_INFO */
    {20, OUT(104)},/* SEM_STAT_ANY */
};

static const struct command shmctls[] = {
    {0, NO},       /* IPC_RMID */
    {1, IN(112)},  /* IPC_SET */
    {2, OUT(112)}, /* IPC_STAT */
    {3, OUT(72)},  /* IPC_INFO */
    {11, NO},      /* SHM_LOCK */
    {12, NO},      /* SHM_UNLOCK */
    {13, OUT(112)},/* SHM_STAT */
    {14, OUT(48)}, /* SHM_INFO */
    {15, OUT(112)},/* SHM_STAT_ANY */
};

static const struct command msgctls[] = {
    {0, NO},       /* IPC_RMID */
    {1, IN(120)},  /* IPC_SET */
    {2, OUT(120)}, /* IPC_STAT */
    {3, OUT(32)},  /* IPC_INFO */
    {11, OUT(120)},/* MSG_STAT */
    {12, OUT(32)}, /* MSG_INFO */
    {13, OUT(120)},/* MSG_STAT_ANY */
};

static const struct command syslogs[] = {
    {2, READ_INT(2, 1)},  /* SYSLOG_ACTION_READ */
    {3, READ_INT(2, 1)},  /* SYSLOG_ACTION_READ_ALL */
    {4, READ_INT(2, 1)},  /* SYSLOG_ACTION_READ_CLEAR */
    {5, NO},              /* SYSLOG_ACTION_CLEAR */
    {9, NO},              /* SYSLOG_ACTION_SIZE_UNREAD */
    {10, NO},             /* SYSLOG_ACTION_SIZE_BUFFER */
};

#define TABLE(call, rows) {call, sizeof(rows) / sizeof(rows)[0], rows}
static const struct {
    int number;
    size_t count;
    const struct command *rows;
} tables[] = {
    TABLE(SYS_ioctl, ioctls),         TABLE(SYS_fcntl, fcntls),
    TABLE(SYS_prctl, prctls),         TABLE(SYS_epoll_ctl, epoll_ctls),
    TABLE(SYS_semctl, semctls),       TABLE(SYS_shmctl, shmctls),
    TABLE(SYS_msgctl, msgctls),       TABLE(SYS_syslog, syslogs),
};
/* clang-format on */

bool call_command(const struct call *call,
                  uint32_t command,
                  struct call_argument *ret)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        if (tables[t].number != call->number)
            continue;
        for (size_t i = 0; i < tables[t].count; i++) {
            if (tables[t].rows[i].command == command) {
                *ret = tables[t].rows[i].argument;
                return true;
            }
        }
    }
    return false;
}

/* Options of sockets, from the first to the last, whose value is so many bytes
 * as its length says and has no pointers. Left out are filters
 * (SO_ATTACH_FILTER and SO_GET_FILTER, counted in instructions), IP_MSFILTER
 * and MCAST_MSFILTER (which fill more than the length), tables of netfilter,
 * what maps memory (TCP_ZEROCOPY_RECEIVE), rings, and protocols that nobody
 * looked at. */
bool call_option_plain(int32_t level, int32_t option)
{
    /* clang-format off */
    static const struct {
        int32_t level;
        int32_t first;
        int32_t last;
    } plain[] = {
        {1, 1, 25}, {1, 27, 50}, {1, 52, 83}, /* SOL_SOCKET */
        {0, 1, 40}, {0, 42, 47}, {0, 49, 63}, /* SOL_IP */
        {41, 1, 47}, {41, 49, 63},            /* SOL_IPV6 */
        {41, 66, 67}, {41, 70, 79},
        {6, 1, 34}, {6, 36, 37},              /* SOL_TCP */
        {17, 1, 103},                         /* SOL_UDP */
        {136, 1, 103},                        /* SOL_UDPLITE */
        {58, 1, 1},                           /* SOL_ICMPV6 */
        {255, 1, 1},                          /* SOL_RAW: ICMP_FILTER */
        {263, 1, 2}, {263, 6, 9},             /* SOL_PACKET */
        {270, 1, 5}, {270, 8, 12},            /* SOL_NETLINK */
        {279, 1, 1},                          /* SOL_ALG: the key */
        {282, 1, 4},                          /* SOL_TLS */
        {40, 0, 8},                           /* AF_VSOCK */
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (plain[i].level == level && plain[i].first <= option &&
            option <= plain[i].last)
            return true;
    }
    return false;
}
