// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace tailscope::analysis {

/// What a function does, as far as its name tells. Wrong guesses are possible; rules say "frames named like".
enum class FrameCategory {
    None,
    Serialization, ///< objects to text or bytes and back
    Database, ///< drivers and mappers
    Lock, ///< waiting for a mutex, monitor, semaphore
    Network, ///< waiting for an answer from outside
    Idle, ///< waiting for work: event loops, sleeps, the idle task
    Gc, ///< garbage collection
    PasswordHash, ///< slow by design
};

/// By well-known parts of names of C, C++, Go, Java, JavaScript, Python, Ruby and Rust.
FrameCategory categoryOf(std::string_view function, std::string_view module);
/// "serialization", "database", "lock", "network", "idle", "gc", "password_hash"; empty for None.
std::string_view categoryName(FrameCategory category);

/// A frame that runs something once per element: each, map, forEach, loop...
bool isLoopLike(std::string_view function);
/// Where every stack begins: main, thread starts, run loops. Their share tells nothing.
bool isEntryPoint(std::string_view function);

} // namespace tailscope::analysis
