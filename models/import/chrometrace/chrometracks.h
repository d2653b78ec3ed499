// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromeevent.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::import::chrome {

/// Processes and threads of one file: identity (pid, tid), names from metadata events, and their tracks,
/// which are made on first use. A thread is keyed by (pid, tid), never by tid alone; a string is a name
/// in an id space of its own, so that "7" is not 7; a missing pid is 0, a missing tid is the pid. Bounded:
/// past kMaxThreads the further threads of a process share one track.
class ChromeTracks
{
public:
    static constexpr std::size_t kMaxThreads = 100'000;
    static constexpr std::size_t kMaxProcesses = 50'000;
    static constexpr std::size_t kMaxAsyncTracks = 10'000;

    struct Place
    {
        std::uint32_t process = 0, thread = 0;
    };

    ChromeTracks(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    Place place(const ChromeEvent &event) { return place(event.pid, event.tid, event.offset); }
    Place place(const JsonScalar &pid, const JsonScalar &tid, std::uint64_t offset);
    std::size_t threadCount() const { return m_threads.size(); }

    TrackRef threadTrack(std::uint32_t thread);
    /// For what belongs to the process as a whole: counters, instants of scope p and g, objects.
    TrackRef processTrack(std::uint32_t process);
    /// Async operations of one category and name, whatever their ids.
    TrackRef asyncTrack(std::uint32_t process, std::string_view category, std::string_view name);

    std::string threadTitle(std::uint32_t thread) const;
    std::string processTitle(std::uint32_t process) const;

    /// process_name, process_labels, process_sort_index, thread_name, thread_sort_index; false for any other.
    bool metadata(const ChromeEvent &event, const std::vector<Attribute> &args);
    /// Hands names that came after the events to the sink.
    void finish();

private:
    /// Numbers as they are; texts by the order of their first appearance.
    struct Id
    {
        bool isText = false;
        std::int64_t number = 0;
        friend bool operator==(const Id &, const Id &) = default;
    };
    struct Key
    {
        std::uint32_t process = 0; ///< of a thread; 0 for processes
        Id id;
        friend bool operator==(const Key &, const Key &) = default;
    };
    struct KeyHash
    {
        std::size_t operator()(const Key &key) const;
    };
    struct Process
    {
        Id id;
        std::string name, labels;
        std::int64_t sort = 0;
        TrackRef track = TrackRef::None;
        std::uint32_t overflowThread = UINT32_MAX;
        bool changed = false;
    };
    struct Thread
    {
        std::uint32_t process = 0;
        Id id;
        std::string name;
        std::int64_t sort = 0;
        TrackRef track = TrackRef::None;
        bool overflow = false, changed = false;
    };
    struct AsyncTrack
    {
        std::uint32_t process = 0;
        std::string title;
        TrackRef track = TrackRef::None;
    };

    Id idOf(const JsonScalar &scalar);
    std::uint32_t processOf(const Id &id, std::uint64_t offset);
    std::uint32_t threadOf(std::uint32_t process, const Id &id, std::uint64_t offset);
    std::string idText(const Id &id, std::string_view unit) const;

    RowSink &m_sink;
    ImportReport &m_report;
    std::vector<Process> m_processes;
    std::vector<Thread> m_threads;
    std::vector<AsyncTrack> m_async;
    std::unordered_map<Key, std::uint32_t, KeyHash> m_processByKey, m_threadByKey;
    std::unordered_map<std::string, std::int64_t> m_textIds;
    std::vector<std::string> m_texts;
    std::unordered_map<std::string, std::uint32_t> m_asyncByKey;
    std::string m_key; ///< reused for lookups
    Key m_lastProcess, m_lastThread;
    Place m_last;
    bool m_hasLast = false;
};

} // namespace tailscope::import::chrome
