// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "live/sampler.h"
#include "store/workspace.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::live {

struct AttachOptions
{
    SamplerOptions sampling;
    std::string name; ///< of the recording; empty = the servers' names
    /// Rows older than this are rolled up to minutes; 0 = never.
    std::chrono::seconds keepRaw{6 * 3600};
    std::chrono::seconds keepMinutes{30 * 24 * 3600}; ///< roll-ups older than this are removed; 0 = never
};

/// How it goes with the recording. A value.
struct RecordingStatus
{
    std::int64_t sourceId = 0;
    Nanos startNs = 0, lastNs = 0; ///< of the first and the last committed sample
    std::int64_t rows = 0, unchangedRows = 0; ///< stored; left out because nothing changed
    std::size_t waitingBytes = 0; ///< not committed yet
    std::int64_t gaps = 0;
    double bytesPerHour = 0; ///< of the workspace file, by the rate so far
    std::int64_t workspaceBytes = 0;
    std::optional<Error> error; ///< storing failed: full disk, ...
};

/// One recording: its servers (sampler) and the thread that maps and stores what they say (recorder), as one
/// source of the workspace that shows while it grows.
class Attachment
{
public:
    /// Nothing is connected yet when it returns: status() tells.
    static Result<std::unique_ptr<Attachment>> start(std::shared_ptr<const store::Workspace> workspace,
        std::vector<Target> targets, const AttachOptions &options);
    ~Attachment(); ///< stops

    Sampler &sampler();
    std::vector<ServerStatus> servers() const { return const_cast<Attachment *>(this)->sampler().status(); }
    RecordingStatus recording() const; ///< any thread
    /// Stops sampling, stores what waits, ends the source. The error of storing, if there was one.
    Result<void> stop();

private:
    struct Impl;
    explicit Attachment(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::live
