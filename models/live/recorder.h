// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/attachment.h"
#include "live/sample.h"
#include "store/bulkwriter.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::live {

/// Takes samples from the live thread and stores them by a thread of its own: a bounded queue between the
/// two, so that a slow disk costs samples (told as a gap) and never the server's time. What is told of the
/// servers becomes events.
class Recorder final : public SampleSink
{
public:
    static constexpr std::size_t kMaxWaitingBytes = 16u << 20;
    static constexpr std::chrono::seconds kLongestWait{60};
    static constexpr std::chrono::seconds kGenerationsEvery{15};
    static constexpr std::chrono::seconds kCostEvery{10};

    struct Options
    {
        std::vector<std::string> labels; ///< of the servers
        std::chrono::seconds keepRaw{0}, keepMinutes{0}; ///< as AttachOptions
        /// Share of a core that the live thread uses; may be empty.
        std::function<double()> clientCpu;
    };
    Recorder(std::shared_ptr<const store::Workspace> workspace, std::unique_ptr<store::BulkWriter> writer,
        Options options);
    ~Recorder() override; ///< as stop()

    void start();
    /// Stores what waits and ends the source. The error of storing, if there was one.
    Result<void> stop();

    bool offer(Sample &&sample) override;
    void note(ServerEvent &&event) override;
    RecordingStatus status() const; ///< any thread

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::live
