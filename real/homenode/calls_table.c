/* calls_table.c - one row a call of x86-64, by number, up to those of
 * Linux 6.18.
 *
 * Local is only what touches nothing but the process's own memory, registers,
 * handlers and CPU time: no path, no descriptor, no other process, and what it
 * leaves behind travels with the image. A call that leaves something in the
 * kernel which does not travel is made at home; if that something binds the
 * process there for good, it is refused. docs/calls.md is written from this.
 */
#include "calls_rows.h"
#include "calls_shape.h"

#include <stddef.h>

/* clang-format off */
#define FORWARD(number, name, ...) \
    {#name, NULL, number, CALL_FORWARDED, SPECIAL_NONE, false, {__VA_ARGS__}}
#define WAITS(number, name, ...) \
    {#name, NULL, number, CALL_FORWARDED, SPECIAL_NONE, true, {__VA_ARGS__}}
#define SPECIAL(number, name, kind, waits, why, ...) \
    {#name, why, number, CALL_SPECIAL, SPECIAL_##kind, waits, {__VA_ARGS__}}
#define LOCAL(number, name, why) \
    {#name, why, number, CALL_LOCAL, SPECIAL_NONE, false, {NO}}
#define HOME(number, name, why) \
    {#name, why, number, CALL_GO_HOME, SPECIAL_NONE, false, {NO}}
#define REFUSED(number, name, why) \
    {#name, why, number, CALL_REFUSED, SPECIAL_NONE, false, {NO}}

static const struct call rows[] = {
    WAITS(0, read, V, READ(2), V),
    WAITS(1, write, V, WRITE(2), V),
    WAITS(2, open, PATH, V, V),
    WAITS(3, close, V),
    FORWARD(4, stat, PATH, OUT(144)),
    FORWARD(5, fstat, V, OUT(144)),
    FORWARD(6, lstat, PATH, OUT(144)),
    WAITS(7, poll, BOTH_UINT(1, 8), V, V),
    FORWARD(8, lseek, V, V, V),
    SPECIAL(9, mmap, MAP, false,
        "private memory is made here, of a file from its bytes at home; "
        "what is shared stays at home",
        V, V, V, V, V, V),
    LOCAL(10, mprotect, "its own memory"),
    LOCAL(11, munmap, "its own memory"),
    LOCAL(12, brk, "its own memory"),
    LOCAL(13, rt_sigaction, "handlers travel with the image"),
    LOCAL(14, rt_sigprocmask, "the mask travels with the image"),
    LOCAL(15, rt_sigreturn, "only its own registers"),
    WAITS(16, ioctl, V, V, COMMAND(1)),
    WAITS(17, pread64, V, READ(2), V, V),
    WAITS(18, pwrite64, V, WRITE(2), V, V),
    WAITS(19, readv, V, SHAPE(SHAPE_VECTOR_READ), V),
    WAITS(20, writev, V, SHAPE(SHAPE_VECTOR), V),
    FORWARD(21, access, PATH, V),
    FORWARD(22, pipe, OUT(8)),
    WAITS(23, select, V, SET(0), SET(0), SET(0), BOTH(16)),
    LOCAL(24, sched_yield, "gives up the CPU that it has"),
    LOCAL(25, mremap, "its own memory; no mapping here is of a file"),
    LOCAL(26, msync, "no mapping here is of a file"),
    LOCAL(27, mincore, "tells of its own anonymous memory"),
    HOME(28, madvise,
        "some advice is kept by the kernel, or would share pages"),
    FORWARD(29, shmget, V, V, V),
    REFUSED(30, shmat, "it shares memory with processes of its home"),
    FORWARD(31, shmctl, V, V, COMMAND(1)),
    FORWARD(32, dup, V),
    WAITS(33, dup2, V, V),
    LOCAL(34, pause, "waits for signals, which are brought here"),
    SPECIAL(35, nanosleep, SLEEP, true,
        "waits here, with its deadline",
        IN(16), BOTH(16)),
    SPECIAL(36, getitimer, TIMER, false,
        "that of real time is at home, those of CPU time go with the body",
        V, OUT(32)),
    FORWARD(37, alarm, V),
    SPECIAL(38, setitimer, TIMER, false,
        "that of real time is at home, those of CPU time go with the body",
        V, IN(32), OUT(32)),
    SPECIAL(39, getpid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    WAITS(40, sendfile, V, V, BOTH(8), V),
    FORWARD(41, socket, V, V, V),
    WAITS(42, connect, V, IN_INT(2, 1), V),
    WAITS(43, accept, V, NAME(2), BOTH(4)),
    WAITS(44, sendto, V, WRITE(2), V, V, IN_INT(5, 1), V),
    WAITS(45, recvfrom, V, READ(2), V, V, NAME(5), BOTH(4)),
    WAITS(46, sendmsg, V, SHAPE(SHAPE_MESSAGE), V),
    WAITS(47, recvmsg, V, SHAPE(SHAPE_MESSAGE_READ), V),
    FORWARD(48, shutdown, V, V),
    FORWARD(49, bind, V, IN_INT(2, 1), V),
    FORWARD(50, listen, V, V),
    FORWARD(51, getsockname, V, NAME(2), BOTH(4)),
    FORWARD(52, getpeername, V, NAME(2), BOTH(4)),
    FORWARD(53, socketpair, V, V, V, OUT(8)),
    FORWARD(54, setsockopt, V, V, V, SHAPE(SHAPE_OPTION), V),
    FORWARD(55, getsockopt, V, V, V, SHAPE(SHAPE_OPTION_READ), BOTH(4)),
    HOME(56, clone, "a child is born where its parent's home is"),
    HOME(57, fork, "a child is born where its parent's home is"),
    HOME(58, vfork, "a child is born where its parent's home is"),
    SPECIAL(59, execve, EXECUTE, false,
        "the new program begins at home",
        /* The guest says behind them which signals are ignored. */
        PATH, SHAPE(SHAPE_STRINGS), SHAPE(SHAPE_STRINGS), V, V),
    SPECIAL(60, exit, EXIT, false,
        "the process ends at home, and the body with it",
        V),
    WAITS(61, wait4, V, BOTH(4), V, BOTH(144)),
    FORWARD(62, kill, V, V),
    FORWARD(63, uname, OUT(390)),
    FORWARD(64, semget, V, V, V),
    WAITS(65, semop, V, IN_UINT(2, 6), V),
    FORWARD(66, semctl, V, V, V, COMMAND(2)),
    HOME(67, shmdt, "its shared memory is at home"),
    FORWARD(68, msgget, V, V),
    WAITS(69, msgsnd, V, {SHAPE_IN, COUNT_SIZE, 2, 8, 1}, V, V),
    WAITS(70, msgrcv, V, {SHAPE_READ, COUNT_SIZE, 2, 8, 1}, V, V, V),
    FORWARD(71, msgctl, V, V, COMMAND(1)),
    WAITS(72, fcntl, V, V, COMMAND(1)),
    WAITS(73, flock, V, V),
    WAITS(74, fsync, V),
    WAITS(75, fdatasync, V),
    FORWARD(76, truncate, PATH, V),
    FORWARD(77, ftruncate, V, V),
    FORWARD(78, getdents, V, READ_UINT(2), V),
    FORWARD(79, getcwd, READ(1), V),
    FORWARD(80, chdir, PATH),
    FORWARD(81, fchdir, V),
    FORWARD(82, rename, PATH, PATH),
    FORWARD(83, mkdir, PATH, V),
    FORWARD(84, rmdir, PATH),
    WAITS(85, creat, PATH, V),
    FORWARD(86, link, PATH, PATH),
    FORWARD(87, unlink, PATH),
    FORWARD(88, symlink, TEXT, PATH),
    FORWARD(89, readlink, PATH, READ_INT(2, 1), V),
    FORWARD(90, chmod, PATH, V),
    FORWARD(91, fchmod, V, V),
    FORWARD(92, chown, PATH, V, V),
    FORWARD(93, fchown, V, V, V),
    FORWARD(94, lchown, PATH, V, V),
    FORWARD(95, umask, V),
    LOCAL(96, gettimeofday, "the vDSO answers it here as well"),
    SPECIAL(97, getrlimit, LIMIT, false,
        "holds at home and for the body",
        V, OUT(16)),
    SPECIAL(98, getrusage, USAGE, false,
        "that of home and of the body together",
        V, OUT(144)),
    FORWARD(99, sysinfo, OUT(112)),
    SPECIAL(100, times, USAGE, false,
        "that of home and of the body together",
        OUT(32)),
    REFUSED(101, ptrace, "it traces or is traced, by processes of its home"),
    SPECIAL(102, getuid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    WAITS(103, syslog, V, COMMAND(0), V),
    SPECIAL(104, getgid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    FORWARD(105, setuid, V),
    FORWARD(106, setgid, V),
    SPECIAL(107, geteuid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    SPECIAL(108, getegid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    FORWARD(109, setpgid, V, V),
    FORWARD(110, getppid, NO),
    FORWARD(111, getpgrp, NO),
    FORWARD(112, setsid, NO),
    FORWARD(113, setreuid, V, V),
    FORWARD(114, setregid, V, V),
    FORWARD(115, getgroups, V, READ_INT(0, 4)),
    FORWARD(116, setgroups, V, IN_INT(0, 4)),
    FORWARD(117, setresuid, V, V, V),
    FORWARD(118, getresuid, OUT(4), OUT(4), OUT(4)),
    FORWARD(119, setresgid, V, V, V),
    FORWARD(120, getresgid, OUT(4), OUT(4), OUT(4)),
    FORWARD(121, getpgid, V),
    FORWARD(122, setfsuid, V),
    FORWARD(123, setfsgid, V),
    FORWARD(124, getsid, V),
    FORWARD(125, capget, BOTH(8), BOTH(24)),
    FORWARD(126, capset, BOTH(8), IN(24)),
    LOCAL(127, rt_sigpending, "signals are brought here, also those it blocks"),
    LOCAL(128, rt_sigtimedwait, "signals are brought here"),
    FORWARD(129, rt_sigqueueinfo, V, V, IN(128)),
    LOCAL(130, rt_sigsuspend, "waits for signals, which are brought here"),
    LOCAL(131, sigaltstack, "travels with the image"),
    FORWARD(132, utime, PATH, IN(16)),
    FORWARD(133, mknod, PATH, V, V),
    HOME(134, uselib, "no kernel of today has it"),
    HOME(135, personality, "the kernel keeps it of the process, at home"),
    FORWARD(136, ustat, V, OUT(32)),
    FORWARD(137, statfs, PATH, OUT(120)),
    FORWARD(138, fstatfs, V, OUT(120)),
    HOME(139, sysfs, "asks the kernel of its home"),
    FORWARD(140, getpriority, V, V),
    FORWARD(141, setpriority, V, V, V),
    FORWARD(142, sched_setparam, V, IN(4)),
    FORWARD(143, sched_getparam, V, OUT(4)),
    FORWARD(144, sched_setscheduler, V, V, IN(4)),
    FORWARD(145, sched_getscheduler, V),
    FORWARD(146, sched_get_priority_max, V),
    FORWARD(147, sched_get_priority_min, V),
    FORWARD(148, sched_rr_get_interval, V, OUT(16)),
    REFUSED(149, mlock,
        "memory that must not leave RAM does not leave its home"),
    LOCAL(150, munlock, "its own memory, of which nothing is locked here"),
    REFUSED(151, mlockall,
        "memory that must not leave RAM does not leave its home"),
    LOCAL(152, munlockall, "its own memory, of which nothing is locked here"),
    FORWARD(153, vhangup, NO),
    REFUSED(154, modify_ldt, "segments of its own are not carried"),
    HOME(155, pivot_root, "administers the machine of its home"),
    HOME(156, _sysctl, "no kernel of today has it"),
    SPECIAL(157, prctl, CONTROL, false,
        "by its command; the name is set on both sides",
        V, COMMAND(0), V, V, V),
    HOME(158, arch_prctl,
        "only its segment bases travel with the image: those are set here"),
    FORWARD(159, adjtimex, BOTH(208)),
    SPECIAL(160, setrlimit, LIMIT, false,
        "holds at home and for the body",
        V, IN(16)),
    FORWARD(161, chroot, PATH),
    WAITS(162, sync, NO),
    HOME(163, acct, "administers the machine of its home"),
    FORWARD(164, settimeofday, IN(16), IN(8)),
    HOME(165, mount, "administers the machine of its home"),
    FORWARD(166, umount2, PATH, V),
    HOME(167, swapon, "administers the machine of its home"),
    HOME(168, swapoff, "administers the machine of its home"),
    HOME(169, reboot, "administers the machine of its home"),
    FORWARD(170, sethostname, IN_INT(1, 1), V),
    FORWARD(171, setdomainname, IN_INT(1, 1), V),
    REFUSED(172, iopl, "it uses the devices of its home"),
    REFUSED(173, ioperm, "it uses the devices of its home"),
    HOME(174, create_module, "no kernel of today has it"),
    HOME(175, init_module, "administers the machine of its home"),
    HOME(176, delete_module, "administers the machine of its home"),
    HOME(177, get_kernel_syms, "no kernel of today has it"),
    HOME(178, query_module, "no kernel of today has it"),
    HOME(179, quotactl, "administers the machine of its home"),
    HOME(180, nfsservctl, "no kernel of today has it"),
    HOME(181, getpmsg, "no kernel of today has it"),
    HOME(182, putpmsg, "no kernel of today has it"),
    HOME(183, afs_syscall, "no kernel of today has it"),
    HOME(184, tuxcall, "no kernel of today has it"),
    HOME(185, security, "no kernel of today has it"),
    SPECIAL(186, gettid, IDENTITY, false,
        "does not change but by its own calls",
        NO),
    FORWARD(187, readahead, V, V, V),
    FORWARD(188, setxattr, PATH, TEXT, IN_SIZE(3), V, V),
    FORWARD(189, lsetxattr, PATH, TEXT, IN_SIZE(3), V, V),
    FORWARD(190, fsetxattr, V, TEXT, IN_SIZE(3), V, V),
    FORWARD(191, getxattr, PATH, TEXT, READ(3), V),
    FORWARD(192, lgetxattr, PATH, TEXT, READ(3), V),
    FORWARD(193, fgetxattr, V, TEXT, READ(3), V),
    FORWARD(194, listxattr, PATH, READ(2), V),
    FORWARD(195, llistxattr, PATH, READ(2), V),
    FORWARD(196, flistxattr, V, READ(2), V),
    FORWARD(197, removexattr, PATH, TEXT),
    FORWARD(198, lremovexattr, PATH, TEXT),
    FORWARD(199, fremovexattr, V, TEXT),
    FORWARD(200, tkill, V, V),
    LOCAL(201, time, "the vDSO answers it here as well"),
    SPECIAL(202, futex, FUTEX, false,
        "among one thread and private memory it is the process's own",
        NO),
    /* Of CPUs at home, to which it goes back. */
    FORWARD(203, sched_setaffinity, V, V, IN_UINT(1, 1)),
    FORWARD(204, sched_getaffinity, V, V, READ_UINT(1)),
    HOME(205, set_thread_area, "no kernel of today has it"),
    REFUSED(206, io_setup,
        "the kernel of its home writes into its memory at any time"),
    HOME(207, io_destroy, "belongs to io_setup"),
    HOME(208, io_getevents, "belongs to io_setup"),
    HOME(209, io_submit, "belongs to io_setup"),
    HOME(210, io_cancel, "belongs to io_setup"),
    HOME(211, get_thread_area, "no kernel of today has it"),
    HOME(212, lookup_dcookie, "no kernel of today has it"),
    FORWARD(213, epoll_create, V),
    HOME(214, epoll_ctl_old, "no kernel of today has it"),
    HOME(215, epoll_wait_old, "no kernel of today has it"),
    REFUSED(216, remap_file_pages, "it rearranges memory that it shares"),
    FORWARD(217, getdents64, V, READ_UINT(2), V),
    HOME(218, set_tid_address,
        "answers with the number that the process has at home"),
    LOCAL(219, restart_syscall,
        "the kernel itself asks it, to go on with a local call"),
    WAITS(220, semtimedop, V, IN_UINT(2, 6), V, IN(16)),
    FORWARD(221, fadvise64, V, V, V, V),
    FORWARD(222, timer_create, V, SHAPE(SHAPE_EVENT), OUT(4)),
    FORWARD(223, timer_settime, V, V, IN(32), OUT(32)),
    FORWARD(224, timer_gettime, V, OUT(32)),
    FORWARD(225, timer_getoverrun, V),
    FORWARD(226, timer_delete, V),
    FORWARD(227, clock_settime, V, IN(16)),
    SPECIAL(228, clock_gettime, CLOCK, false,
        "a clock of CPU time is that of home and of the body",
        V, OUT(16)),
    FORWARD(229, clock_getres, V, OUT(16)),
    SPECIAL(230, clock_nanosleep, SLEEP, true,
        "waits here, with its deadline",
        V, V, IN(16), BOTH(16)),
    SPECIAL(231, exit_group, EXIT, false,
        "the process ends at home, and the body with it",
        V),
    WAITS(232, epoll_wait, V, READ_INT(2, 12), V, V),
    FORWARD(233, epoll_ctl, V, V, V, COMMAND(1)),
    FORWARD(234, tgkill, V, V, V),
    FORWARD(235, utimes, PATH, IN(32)),
    HOME(236, vserver, "no kernel of today has it"),
    REFUSED(237, mbind, "its memory is bound to places of its home"),
    REFUSED(238, set_mempolicy, "its memory is bound to places of its home"),
    HOME(239, get_mempolicy,
        "asks where its memory lies, of the machine of its home"),
    FORWARD(240, mq_open, TEXT, V, V, IN(64)),
    FORWARD(241, mq_unlink, TEXT),
    WAITS(242, mq_timedsend, V, IN_SIZE(2), V, V, IN(16)),
    WAITS(243, mq_timedreceive, V, READ(2), V, OUT(4), IN(16)),
    FORWARD(244, mq_notify, V, SHAPE(SHAPE_EVENT)),
    FORWARD(245, mq_getsetattr, V, IN(64), OUT(64)),
    HOME(246, kexec_load, "administers the machine of its home"),
    WAITS(247, waitid, V, V, BOTH(128), V, BOTH(144)),
    HOME(248, add_key, "keys are kept by the kernel of its home"),
    HOME(249, request_key, "keys are kept by the kernel of its home"),
    HOME(250, keyctl, "keys are kept by the kernel of its home"),
    FORWARD(251, ioprio_set, V, V, V),
    FORWARD(252, ioprio_get, V, V),
    FORWARD(253, inotify_init, NO),
    FORWARD(254, inotify_add_watch, V, PATH, V),
    FORWARD(255, inotify_rm_watch, V, V),
    HOME(256, migrate_pages,
        "asks where its memory lies, of the machine of its home"),
    WAITS(257, openat, V, PATH, V, V),
    FORWARD(258, mkdirat, V, PATH, V),
    FORWARD(259, mknodat, V, PATH, V, V),
    FORWARD(260, fchownat, V, PATH, V, V, V),
    FORWARD(261, futimesat, V, PATH, IN(32)),
    FORWARD(262, newfstatat, V, PATH, OUT(144), V),
    FORWARD(263, unlinkat, V, PATH, V),
    FORWARD(264, renameat, V, PATH, V, PATH),
    FORWARD(265, linkat, V, PATH, V, PATH, V),
    FORWARD(266, symlinkat, TEXT, V, PATH),
    FORWARD(267, readlinkat, V, PATH, READ_INT(3, 1), V),
    FORWARD(268, fchmodat, V, PATH, V),
    FORWARD(269, faccessat, V, PATH, V),
    WAITS(270, pselect6,
        V, SET(0), SET(0), SET(0), BOTH(16), SHAPE(SHAPE_MASK_PAIR)),
    WAITS(271, ppoll, BOTH_UINT(1, 8), V, BOTH(16), IN_SIZE(4), V),
    HOME(272, unshare, "the kernel keeps it of the process, at home"),
    LOCAL(273, set_robust_list, "travels with the image"),
    HOME(274, get_robust_list, "of a process of its home"),
    WAITS(275, splice, V, BOTH(8), V, BOTH(8), V, V),
    WAITS(276, tee, V, V, V, V),
    FORWARD(277, sync_file_range, V, V, V, V),
    HOME(278, vmsplice, "its pages would hang in a pipe of its home"),
    HOME(279, move_pages,
        "asks where its memory lies, of the machine of its home"),
    FORWARD(280, utimensat, V, PATH, IN(32), V),
    WAITS(281, epoll_pwait, V, READ_INT(2, 12), V, V, IN_SIZE(5), V),
    REFUSED(282, signalfd,
        "signals that it reads wait at home, those of an away process "
        "come here"),
    FORWARD(283, timerfd_create, V, V),
    FORWARD(284, eventfd, V),
    FORWARD(285, fallocate, V, V, V, V),
    FORWARD(286, timerfd_settime, V, V, IN(32), OUT(32)),
    FORWARD(287, timerfd_gettime, V, OUT(32)),
    WAITS(288, accept4, V, NAME(2), BOTH(4), V),
    REFUSED(289, signalfd4,
        "signals that it reads wait at home, those of an away process "
        "come here"),
    FORWARD(290, eventfd2, V, V),
    FORWARD(291, epoll_create1, V),
    WAITS(292, dup3, V, V, V),
    FORWARD(293, pipe2, OUT(8), V),
    FORWARD(294, inotify_init1, V),
    WAITS(295, preadv, V, SHAPE(SHAPE_VECTOR_READ), V, V, V),
    WAITS(296, pwritev, V, SHAPE(SHAPE_VECTOR), V, V, V),
    FORWARD(297, rt_tgsigqueueinfo, V, V, V, IN(128)),
    REFUSED(298, perf_event_open, "counts what the CPUs of its home do"),
    WAITS(299, recvmmsg, V, SHAPE(SHAPE_MESSAGES_READ), V, V, BOTH(16)),
    FORWARD(300, fanotify_init, V, V),
    FORWARD(301, fanotify_mark, V, V, V, V, PATH),
    SPECIAL(302, prlimit64, LIMIT, false,
        "holds at home and for the body",
        V, V, IN(16), OUT(16)),
    HOME(303, name_to_handle_at,
        "the size of a handle is said by the file system"),
    HOME(304, open_by_handle_at,
        "the size of a handle is said by the file system"),
    FORWARD(305, clock_adjtime, V, BOTH(208)),
    WAITS(306, syncfs, V),
    WAITS(307, sendmmsg, V, SHAPE(SHAPE_MESSAGES), V, V),
    HOME(308, setns, "the kernel keeps it of the process, at home"),
    LOCAL(309, getcpu, "the vDSO answers it here as well"),
    HOME(310, process_vm_readv,
        "reads the memory of a process of its home, perhaps its own"),
    HOME(311, process_vm_writev,
        "writes the memory of a process of its home, perhaps its own"),
    HOME(312, kcmp, "compares processes of its home, perhaps itself"),
    HOME(313, finit_module, "administers the machine of its home"),
    HOME(314, sched_setattr, "its struct says itself how long it is"),
    FORWARD(315, sched_getattr, V, BOTH_UINT(2, 1), V, V),
    FORWARD(316, renameat2, V, PATH, V, PATH, V),
    REFUSED(317, seccomp,
        "it has a filter of its own, which its code must meet"),
    LOCAL(318, getrandom, "bytes that nobody foresees are as good from here"),
    FORWARD(319, memfd_create, TEXT, V),
    HOME(320, kexec_file_load, "administers the machine of its home"),
    REFUSED(321, bpf, "programs and maps are in the kernel of its home"),
    SPECIAL(322, execveat, EXECUTE, false,
        "the new program begins at home",
        V, PATH, SHAPE(SHAPE_STRINGS), SHAPE(SHAPE_STRINGS), V),
    REFUSED(323, userfaultfd, "it serves its own page faults"),
    HOME(324, membarrier, "the kernel keeps it of the process, at home"),
    REFUSED(325, mlock2,
        "memory that must not leave RAM does not leave its home"),
    WAITS(326, copy_file_range, V, BOTH(8), V, BOTH(8), V, V),
    WAITS(327, preadv2, V, SHAPE(SHAPE_VECTOR_READ), V, V, V, V),
    WAITS(328, pwritev2, V, SHAPE(SHAPE_VECTOR), V, V, V, V),
    REFUSED(329, pkey_mprotect, "keys of its memory are not carried"),
    REFUSED(330, pkey_alloc, "keys of its memory are not carried"),
    REFUSED(331, pkey_free, "keys of its memory are not carried"),
    FORWARD(332, statx, V, PATH, V, V, OUT(256)),
    HOME(333, io_pgetevents, "belongs to io_setup"),
    LOCAL(334, rseq, "travels with the image"),
    HOME(335, uretprobe, "only the kernel's own trampoline may make it"),
    FORWARD(424, pidfd_send_signal, V, V, IN(128), V),
    REFUSED(425, io_uring_setup,
        "the kernel of its home reads and writes its memory at any time"),
    HOME(426, io_uring_enter, "belongs to io_uring_setup"),
    HOME(427, io_uring_register, "belongs to io_uring_setup"),
    HOME(428, open_tree, "administers the machine of its home"),
    HOME(429, move_mount, "administers the machine of its home"),
    HOME(430, fsopen, "administers the machine of its home"),
    HOME(431, fsconfig, "administers the machine of its home"),
    HOME(432, fsmount, "administers the machine of its home"),
    HOME(433, fspick, "administers the machine of its home"),
    FORWARD(434, pidfd_open, V, V),
    HOME(435, clone3, "a child is born where its parent's home is"),
    FORWARD(436, close_range, V, V, V),
    WAITS(437, openat2, V, PATH, IN_SIZE(3), V),
    FORWARD(438, pidfd_getfd, V, V, V),
    FORWARD(439, faccessat2, V, PATH, V, V),
    HOME(440, process_madvise, "of a process of its home, perhaps its own"),
    WAITS(441, epoll_pwait2, V, READ_INT(2, 12), V, IN(16), IN_SIZE(5), V),
    HOME(442, mount_setattr, "administers the machine of its home"),
    HOME(443, quotactl_fd, "administers the machine of its home"),
    HOME(444, landlock_create_ruleset,
        "what it may do is kept by the kernel of its home"),
    HOME(445, landlock_add_rule,
        "what it may do is kept by the kernel of its home"),
    HOME(446, landlock_restrict_self,
        "what it may do is kept by the kernel of its home"),
    REFUSED(447, memfd_secret,
        "memory that nobody else sees does not leave its home"),
    FORWARD(448, process_mrelease, V, V),
    LOCAL(449, futex_waitv,
        "among one thread and private memory it is the process's own"),
    HOME(450, set_mempolicy_home_node,
        "its memory is bound to places of its home"),
    FORWARD(451, cachestat, V, IN(16), OUT(40), V),
    FORWARD(452, fchmodat2, V, PATH, V, V),
    REFUSED(453, map_shadow_stack, "a shadow stack is not carried"),
    LOCAL(454, futex_wake,
        "among one thread and private memory it is the process's own"),
    LOCAL(455, futex_wait,
        "among one thread and private memory it is the process's own"),
    LOCAL(456, futex_requeue,
        "among one thread and private memory it is the process's own"),
    HOME(457, statmount, "its struct says itself how long it is"),
    HOME(458, listmount, "its struct says itself how long it is"),
    HOME(459, lsm_get_self_attr,
        "what it may do is kept by the kernel of its home"),
    HOME(460, lsm_set_self_attr,
        "what it may do is kept by the kernel of its home"),
    HOME(461, lsm_list_modules, "asks the kernel of its home"),
    REFUSED(462, mseal, "its mappings could not be given up when it leaves"),
    HOME(463, setxattrat, "a pointer hangs in its struct"),
    HOME(464, getxattrat, "a pointer hangs in its struct"),
    FORWARD(465, listxattrat, V, PATH, V, READ(4), V),
    FORWARD(466, removexattrat, V, PATH, V, TEXT),
    HOME(467, open_tree_attr, "administers the machine of its home"),
    FORWARD(468, file_getattr, V, PATH, BOTH_SIZE(3), V, V),
    FORWARD(469, file_setattr, V, PATH, IN_SIZE(3), V, V),
};

/* What passes though the call as a whole does not. */
static const struct call_local locals[] = {
    /* mmap: MAP_PRIVATE and MAP_ANONYMOUS, of the others only MAP_FIXED,
     * MAP_32BIT, MAP_GROWSDOWN, MAP_DENYWRITE, MAP_NORESERVE, MAP_POPULATE,
     * MAP_STACK, MAP_FIXED_NOREPLACE. */
    {9, 3, 0xffed36af, 0x22}, /* mmap */
    {28, 2, 0xffffffff, 0}, /* madvise: MADV_NORMAL */
    {28, 2, 0xffffffff, 1}, /* madvise: MADV_RANDOM */
    {28, 2, 0xffffffff, 2}, /* madvise: MADV_SEQUENTIAL */
    {28, 2, 0xffffffff, 3}, /* madvise: MADV_WILLNEED */
    {28, 2, 0xffffffff, 4}, /* madvise: MADV_DONTNEED */
    {28, 2, 0xffffffff, 8}, /* madvise: MADV_FREE */
    {28, 2, 0xffffffff, 10}, /* madvise: MADV_DONTFORK */
    {28, 2, 0xffffffff, 11}, /* madvise: MADV_DOFORK */
    {28, 2, 0xffffffff, 14}, /* madvise: MADV_HUGEPAGE */
    {28, 2, 0xffffffff, 15}, /* madvise: MADV_NOHUGEPAGE */
    {28, 2, 0xffffffff, 16}, /* madvise: MADV_DONTDUMP */
    {28, 2, 0xffffffff, 17}, /* madvise: MADV_DODUMP */
    {28, 2, 0xffffffff, 18}, /* madvise: MADV_WIPEONFORK */
    {28, 2, 0xffffffff, 19}, /* madvise: MADV_KEEPONFORK */
    {28, 2, 0xffffffff, 20}, /* madvise: MADV_COLD */
    {28, 2, 0xffffffff, 21}, /* madvise: MADV_PAGEOUT */
    {28, 2, 0xffffffff, 22}, /* madvise: MADV_POPULATE_READ */
    {28, 2, 0xffffffff, 23}, /* madvise: MADV_POPULATE_WRITE */
    {36, 0, 0xffffffff, 1}, /* getitimer: ITIMER_VIRTUAL */
    {36, 0, 0xffffffff, 2}, /* getitimer: ITIMER_PROF */
    {38, 0, 0xffffffff, 1}, /* setitimer: ITIMER_VIRTUAL */
    {38, 0, 0xffffffff, 2}, /* setitimer: ITIMER_PROF */
    {157, 0, 0xffffffff, 0x53564d41}, /* prctl: PR_SET_VMA */
    {158, 0, 0xffffffff, 0x1001}, /* arch_prctl: ARCH_SET_GS */
    {158, 0, 0xffffffff, 0x1002}, /* arch_prctl: ARCH_SET_FS */
    {158, 0, 0xffffffff, 0x1003}, /* arch_prctl: ARCH_GET_FS */
    {158, 0, 0xffffffff, 0x1004}, /* arch_prctl: ARCH_GET_GS */
    /* futex, FUTEX_PRIVATE_FLAG or not; not those of priority inheritance,
     * which look for a thread by its number. */
    {202, 1, 0xffffff7f, 0}, /* FUTEX_WAIT */
    {202, 1, 0xffffff7f, 1}, /* FUTEX_WAKE */
    {202, 1, 0xffffff7f, 3}, /* FUTEX_REQUEUE */
    {202, 1, 0xffffff7f, 4}, /* FUTEX_CMP_REQUEUE */
    {202, 1, 0xffffff7f, 5}, /* FUTEX_WAKE_OP */
    {202, 1, 0xffffff7f, 10}, /* FUTEX_WAKE_BITSET */
    {202, 1, 0xfffffe7f, 9}, /* FUTEX_WAIT_BITSET */
    {228, 0, 0xffffffff, 0}, /* clock_gettime: CLOCK_REALTIME */
    {228, 0, 0xffffffff, 1}, /* clock_gettime: CLOCK_MONOTONIC */
    {228, 0, 0xffffffff, 4}, /* clock_gettime: CLOCK_MONOTONIC_RAW */
    {228, 0, 0xffffffff, 5}, /* clock_gettime: CLOCK_REALTIME_COARSE */
    {228, 0, 0xffffffff, 6}, /* clock_gettime: CLOCK_MONOTONIC_COARSE */
    {228, 0, 0xffffffff, 7}, /* clock_gettime: CLOCK_BOOTTIME */
    {228, 0, 0xffffffff, 11}, /* clock_gettime: CLOCK_TAI */
    {229, 0, 0xffffffff, 0}, /* clock_getres: CLOCK_REALTIME */
    {229, 0, 0xffffffff, 1}, /* clock_getres: CLOCK_MONOTONIC */
    {229, 0, 0xffffffff, 2}, /* clock_getres: CLOCK_PROCESS_CPUTIME_ID */
    {229, 0, 0xffffffff, 3}, /* clock_getres: CLOCK_THREAD_CPUTIME_ID */
    {229, 0, 0xffffffff, 4}, /* clock_getres: CLOCK_MONOTONIC_RAW */
    {229, 0, 0xffffffff, 5}, /* clock_getres: CLOCK_REALTIME_COARSE */
    {229, 0, 0xffffffff, 6}, /* clock_getres: CLOCK_MONOTONIC_COARSE */
    {229, 0, 0xffffffff, 7}, /* clock_getres: CLOCK_BOOTTIME */
    {229, 0, 0xffffffff, 11}, /* clock_getres: CLOCK_TAI */
};
/* clang-format on */

enum {
    ROW_COUNT = sizeof rows / sizeof rows[0],
    FIRST_GAP = 336, /* No x86-64 call has a number from here */
    AFTER_GAP = 424, /* to here; then all architectures have the same. */
};

const struct call *call_of(int64_t number)
{
    int64_t row = number < FIRST_GAP ? number : number - AFTER_GAP + FIRST_GAP;
    if (number < 0 || row >= ROW_COUNT || rows[row].number != number)
        return NULL;
    return &rows[row];
}

const struct call *calls_all(size_t *ret_count)
{
    *ret_count = ROW_COUNT;
    return rows;
}

const struct call_local *calls_local(size_t *ret_count)
{
    *ret_count = sizeof locals / sizeof locals[0];
    return locals;
}

bool call_is_local(int64_t number, const uint64_t arguments[6])
{
    const struct call *call = call_of(number);
    if (call && call->call_class == CALL_LOCAL)
        return true;
    for (size_t i = 0; i < sizeof locals / sizeof locals[0]; i++) {
        const struct call_local *l = &locals[i];
        if (l->number == number &&
            ((uint32_t)arguments[l->argument] & l->mask) == l->value)
            return true;
    }
    return false;
}

const char *call_why_home(int64_t number)
{
    const struct call *call = call_of(number);
    if (!call)
        return "it is a call that this version does not know";
    if (call->call_class == CALL_FORWARDED || call->call_class == CALL_SPECIAL)
        return "it names memory that cannot be sent, or its command is not "
               "known";
    return call->why;
}
