// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/framecategory.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace tailscope::analysis {

namespace {

struct Part
{
    FrameCategory category;
    std::string_view text; ///< lower case, anywhere in "module function"
};

// The first that fits counts: narrow ones stand before wide ones.
constexpr std::array kParts{
    Part{FrameCategory::PasswordHash, "bcrypt"},
    Part{FrameCategory::PasswordHash, "scrypt"},
    Part{FrameCategory::PasswordHash, "argon2"},
    Part{FrameCategory::PasswordHash, "pbkdf2"},
    Part{FrameCategory::Gc, "garbage collector"},
    Part{FrameCategory::Gc, "gcbgmarkworker"},
    Part{FrameCategory::Gc, "runtime.gcdrain"},
    Part{FrameCategory::Gc, "g1collect"},
    Part{FrameCategory::Gc, "psparallelcompact"},
    Part{FrameCategory::Gc, "gctaskthread"},
    Part{FrameCategory::Gc, "gc_sweep"},
    Part{FrameCategory::Gc, "gc_mark"},
    Part{FrameCategory::Database, "psycopg"},
    Part{FrameCategory::Database, "libpq"},
    Part{FrameCategory::Database, "pqexec"},
    Part{FrameCategory::Database, "pqgetresult"},
    Part{FrameCategory::Database, "jackc/pgx"},
    Part{FrameCategory::Database, "lib/pq."},
    Part{FrameCategory::Database, "database/sql"},
    Part{FrameCategory::Database, "go-sql-driver"},
    Part{FrameCategory::Database, "org.postgresql"},
    Part{FrameCategory::Database, "org/postgresql"},
    Part{FrameCategory::Database, "com.mysql"},
    Part{FrameCategory::Database, "com/mysql"},
    Part{FrameCategory::Database, "mysql_real_query"},
    Part{FrameCategory::Database, "pymysql"},
    Part{FrameCategory::Database, "jdbc"},
    Part{FrameCategory::Database, "hibernate"},
    Part{FrameCategory::Database, "sqlalchemy"},
    Part{FrameCategory::Database, "activerecord"},
    Part{FrameCategory::Database, "sqlite3_step"},
    Part{FrameCategory::Database, "tokio_postgres"},
    Part{FrameCategory::Database, "sqlx"},
    Part{FrameCategory::Serialization, "json"},
    Part{FrameCategory::Serialization, "jackson"},
    Part{FrameCategory::Serialization, "protobuf"},
    Part{FrameCategory::Serialization, "msgpack"},
    Part{FrameCategory::Serialization, "serializ"},
    Part{FrameCategory::Serialization, "serde"},
    Part{FrameCategory::Serialization, "unmarshal"},
    Part{FrameCategory::Serialization, ".marshal"},
    Part{FrameCategory::Serialization, "pickle"},
    Part{FrameCategory::Serialization, "to_yaml"},
    Part{FrameCategory::Serialization, "yaml.load"},
    Part{FrameCategory::Serialization, "xmlencoder"},
    Part{FrameCategory::Serialization, "objectoutputstream"},
    Part{FrameCategory::Serialization, "objectinputstream"},
    Part{FrameCategory::Idle, "epoll_wait"},
    Part{FrameCategory::Idle, "ep_poll"},
    Part{FrameCategory::Idle, "epollwait"},
    Part{FrameCategory::Idle, "kevent"},
    Part{FrameCategory::Idle, "io_uring_enter"},
    Part{FrameCategory::Idle, "nanosleep"},
    Part{FrameCategory::Idle, "(idle)"},
    Part{FrameCategory::Idle, "cpu_idle"},
    Part{FrameCategory::Idle, "intel_idle"},
    Part{FrameCategory::Idle, "native_safe_halt"},
    Part{FrameCategory::Idle, "default_idle"},
    Part{FrameCategory::Idle, "unsafe.park"},
    Part{FrameCategory::Idle, "runtime.gopark"},
    Part{FrameCategory::Idle, "accept4"},
    Part{FrameCategory::Idle, "inet_csk_accept"},
    Part{FrameCategory::Idle, "threadpoolexecutor.gettask"},
    Part{FrameCategory::Idle, "object.wait"},
    Part{FrameCategory::Lock, "pthread_mutex_lock"},
    Part{FrameCategory::Lock, "lll_lock_wait"},
    Part{FrameCategory::Lock, "pthread_rwlock"},
    Part{FrameCategory::Lock, "futex_wait"},
    Part{FrameCategory::Lock, "sync.(*mutex).lock"},
    Part{FrameCategory::Lock, "sync.(*rwmutex)"},
    Part{FrameCategory::Lock, "runtime.semacquire"},
    Part{FrameCategory::Lock, "reentrantlock"},
    Part{FrameCategory::Lock, "objectmonitor"},
    Part{FrameCategory::Lock, "monitorenter"},
    Part{FrameCategory::Lock, "lock.acquire"},
    Part{FrameCategory::Lock, "parking_lot"},
    Part{FrameCategory::Lock, "mutex_lock"},
    Part{FrameCategory::Lock, "take_gil"},
    Part{FrameCategory::Network, "socketread0"},
    Part{FrameCategory::Network, "socketinputstream"},
    Part{FrameCategory::Network, "tcp_recvmsg"},
    Part{FrameCategory::Network, "recvfrom"},
    Part{FrameCategory::Network, "recvmsg"},
    Part{FrameCategory::Network, "net.(*conn).read"},
    Part{FrameCategory::Network, "ssl_read"},
    Part{FrameCategory::Network, "sslsocket.read"},
    Part{FrameCategory::Network, "urllib3"},
    Part{FrameCategory::Network, "http.client"},
    Part{FrameCategory::Network, "socket.recv"},
    Part{FrameCategory::Network, "net::http"},
};

constexpr std::array<std::string_view, 12> kLoops{"foreach", "for_each", "each", "map", "flat_map", "iterate",
    "loop", "collect", "listcomp", "genexpr", "prefetch_related", "stream.reduce"};

constexpr std::array<std::string_view, 22> kEntries{"main", "_start", "__libc_start_main",
    "__libc_start_call_main", "start_thread", "clone", "__clone", "clone3", "runtime.main", "runtime.goexit",
    "runtime.mstart", "(root)", "(program)", "[unknown]", "<module>", "start", "java.lang.thread.run",
    "thread.run", "thread::call_run", "javathread::run", "<main>", "block (2 levels) in <main>"};

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
        [](unsigned char c) { return c < 128 ? char(std::tolower(c)) : char(c); });
    return out;
}

} // namespace

FrameCategory categoryOf(std::string_view function, std::string_view module)
{
    const std::string text = lower(module) + ' ' + lower(function);
    for (const Part &part : kParts) {
        if (text.find(part.text) != std::string::npos)
            return part.category;
    }
    return FrameCategory::None;
}

std::string_view categoryName(FrameCategory category)
{
    switch (category) {
    case FrameCategory::Serialization:
        return "serialization";
    case FrameCategory::Database:
        return "database";
    case FrameCategory::Lock:
        return "lock";
    case FrameCategory::Network:
        return "network";
    case FrameCategory::Idle:
        return "idle";
    case FrameCategory::Gc:
        return "gc";
    case FrameCategory::PasswordHash:
        return "password_hash";
    case FrameCategory::None:
        break;
    }
    return {};
}

bool isLoopLike(std::string_view function)
{
    // The word must stand alone: "each", not "reach".
    const std::string text = lower(function);
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    for (const std::string_view word : kLoops) {
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
            const bool begins = at == 0 || !isLetter(text[at - 1]);
            const std::size_t end = at + word.size();
            if (begins && (end == text.size() || !isLetter(text[end])))
                return true;
        }
    }
    return false;
}

bool isEntryPoint(std::string_view function)
{
    return std::find(kEntries.begin(), kEntries.end(), lower(function)) != kEntries.end();
}

} // namespace tailscope::analysis
