// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chrometracks.h"

#include "base/text.h"

namespace tailscope::import::chrome {

namespace {

constexpr std::size_t kMaxNameBytes = 1024;

std::string boundedName(std::string_view text) { return std::string(utf8Prefix(text, kMaxNameBytes)); }

const Attribute *find(const std::vector<Attribute> &args, std::string_view key)
{
    for (const Attribute &argument : args) {
        if (argument.key == key)
            return &argument;
    }
    return nullptr;
}

std::string textOf(const Attribute *argument)
{
    if (argument == nullptr)
        return {};
    if (argument->type == AttributeType::Integer)
        return std::to_string(argument->integer);
    return boundedName(argument->text);
}

std::int64_t integerOf(const Attribute *argument)
{
    if (argument == nullptr)
        return 0;
    if (argument->type == AttributeType::Integer)
        return argument->integer;
    if (argument->type == AttributeType::Real && argument->real > -1e15 && argument->real < 1e15)
        return static_cast<std::int64_t>(argument->real);
    return parseInt64(argument->text).value_or(0);
}

} // namespace

std::size_t ChromeTracks::KeyHash::operator()(const Key &key) const
{
    auto h = static_cast<std::uint64_t>(key.id.number) * 0x9E3779B97F4A7C15ULL;
    h ^= (static_cast<std::uint64_t>(key.process) << 1 | (key.id.isText ? 1 : 0)) * 0xC2B2AE3D27D4EB4FULL;
    return static_cast<std::size_t>(h ^ (h >> 29));
}

ChromeTracks::Id ChromeTracks::idOf(const JsonScalar &scalar)
{
    const auto number = scalar.isString ? std::nullopt : parseInt64(scalar.text);
    if (number)
        return {false, *number};
    const auto found = m_textIds.find(std::string(scalar.text));
    if (found != m_textIds.end())
        return {true, found->second};
    // Past the bound all further names are one; their threads share one track anyway.
    if (m_texts.size() > kMaxThreads + kMaxProcesses)
        return {true, -1};
    const auto index = static_cast<std::int64_t>(m_texts.size());
    m_texts.push_back(boundedName(scalar.text));
    m_textIds.emplace(scalar.text, index);
    return {true, index};
}

std::string ChromeTracks::idText(const Id &id, std::string_view unit) const
{
    if (!id.isText)
        return std::string(unit) + " " + std::to_string(id.number);
    return id.number < 0 ? std::string("other") : m_texts[static_cast<std::size_t>(id.number)];
}

std::uint32_t ChromeTracks::processOf(const Id &id, std::uint64_t offset)
{
    const Key key{0, id};
    if (m_hasLast && key == m_lastProcess)
        return m_last.process;
    const auto found = m_processByKey.find(key);
    if (found != m_processByKey.end())
        return found->second;
    if (m_processes.size() >= kMaxProcesses) {
        m_report.note(IssueSeverity::Notice, "too-many-processes", offset,
            "more than 50,000 processes: the further ones share the last");
        return static_cast<std::uint32_t>(m_processes.size() - 1);
    }
    const auto index = static_cast<std::uint32_t>(m_processes.size());
    m_processes.emplace_back().id = id;
    m_processByKey.emplace(key, index);
    return index;
}

std::uint32_t ChromeTracks::threadOf(std::uint32_t process, const Id &id, std::uint64_t offset)
{
    const Key key{process, id};
    const auto found = m_threadByKey.find(key);
    if (found != m_threadByKey.end())
        return found->second;
    const bool overflow = m_threadByKey.size() >= kMaxThreads;
    if (overflow) {
        m_report.note(IssueSeverity::Notice, "too-many-threads", offset,
            "more than 100,000 threads: the further ones of a process share one track");
        if (m_processes[process].overflowThread != UINT32_MAX)
            return m_processes[process].overflowThread;
    }
    const auto index = static_cast<std::uint32_t>(m_threads.size());
    Thread &thread = m_threads.emplace_back();
    thread.process = process;
    thread.id = id;
    thread.overflow = overflow;
    if (overflow)
        m_processes[process].overflowThread = index;
    else
        m_threadByKey.emplace(key, index);
    return index;
}

ChromeTracks::Place ChromeTracks::place(const JsonScalar &pid, const JsonScalar &tid, std::uint64_t offset)
{
    const Id processId = pid.text.empty() ? Id{} : idOf(pid);
    const Id threadId = tid.text.empty() ? processId : idOf(tid);
    const std::uint32_t process = processOf(processId, offset);
    const Key threadKey{process, threadId};
    if (m_hasLast && process == m_last.process && threadKey == m_lastThread)
        return m_last;
    m_last = {process, threadOf(process, threadId, offset)};
    m_lastProcess = {0, m_processes[process].id};
    m_lastThread = threadKey;
    m_hasLast = true;
    return m_last;
}

std::string ChromeTracks::processTitle(std::uint32_t process) const
{
    const Process &p = m_processes[process];
    std::string title = p.name;
    if (title.empty())
        title = idText(p.id, "pid");
    else
        title += " (" + idText(p.id, "pid") + ")";
    if (!p.labels.empty())
        title += " [" + p.labels + "]";
    return title;
}

std::string ChromeTracks::threadTitle(std::uint32_t thread) const
{
    const Thread &t = m_threads[thread];
    if (t.overflow)
        return "other threads";
    return t.name.empty() ? idText(t.id, "tid") : t.name + " (" + idText(t.id, "tid") + ")";
}

TrackRef ChromeTracks::threadTrack(std::uint32_t thread)
{
    Thread &t = m_threads[thread];
    if (t.track == TrackRef::None) {
        const std::string process = processTitle(t.process), title = threadTitle(thread);
        TrackRow row;
        row.process = process;
        row.thread = title;
        row.processSort = m_processes[t.process].sort;
        row.threadSort = t.sort;
        row.shape = t.overflow ? TrackRow::Shape::Async : TrackRow::Shape::Nested;
        t.track = m_sink.track(row);
    }
    return t.track;
}

TrackRef ChromeTracks::processTrack(std::uint32_t process)
{
    Process &p = m_processes[process];
    if (p.track == TrackRef::None) {
        const std::string title = processTitle(process);
        TrackRow row;
        row.process = title;
        row.processSort = p.sort;
        row.shape = TrackRow::Shape::Async;
        p.track = m_sink.track(row);
    }
    return p.track;
}

TrackRef ChromeTracks::asyncTrack(std::uint32_t process, std::string_view category, std::string_view name)
{
    const auto lookUp = [&](std::string_view groupCategory, std::string_view groupName) {
        m_key = std::to_string(process);
        m_key.append(1, '\x1f').append(groupCategory).append(1, '\x1f').append(groupName);
        return m_asyncByKey.find(m_key);
    };
    auto found = lookUp(category, name);
    const bool overflow = found == m_asyncByKey.end() && m_async.size() >= kMaxAsyncTracks;
    if (overflow)
        found = lookUp({}, {});
    if (found != m_asyncByKey.end())
        return m_async[found->second].track;

    AsyncTrack track;
    track.process = process;
    track.title = "async";
    if (!overflow && !category.empty())
        track.title.append(" ").append(utf8Prefix(category, kMaxNameBytes));
    if (!overflow && !name.empty())
        track.title.append(": ").append(utf8Prefix(name, kMaxNameBytes));
    const std::string title = processTitle(process);
    TrackRow row;
    row.process = title;
    row.thread = track.title;
    row.processSort = m_processes[process].sort;
    // Operations of one id nest by keys; those of different ids overlap freely.
    row.shape = TrackRow::Shape::Linked;
    track.track = m_sink.track(row);
    m_asyncByKey.emplace(m_key, static_cast<std::uint32_t>(m_async.size()));
    m_async.push_back(std::move(track));
    return m_async.back().track;
}

bool ChromeTracks::metadata(const ChromeEvent &event, const std::vector<Attribute> &args)
{
    const bool ofProcess = event.name.starts_with("process_");
    if (!ofProcess && event.name != "thread_name" && event.name != "thread_sort_index")
        return false;
    const Place at = place(event);
    Process &process = m_processes[at.process];
    Thread &thread = m_threads[at.thread];
    if (event.name == "process_name") {
        process.name = textOf(find(args, "name"));
    } else if (event.name == "process_labels") {
        process.labels = textOf(find(args, "labels"));
    } else if (event.name == "process_sort_index") {
        process.sort = integerOf(find(args, "sort_index"));
    } else if (event.name == "thread_name") {
        thread.name = textOf(find(args, "name"));
    } else if (event.name == "thread_sort_index") {
        thread.sort = integerOf(find(args, "sort_index"));
    } else {
        return false;
    }
    (ofProcess ? process.changed : thread.changed) = true;
    return true;
}

void ChromeTracks::finish()
{
    for (std::size_t i = 0; i < m_processes.size(); ++i) {
        const Process &process = m_processes[i];
        if (!process.changed || process.track == TrackRef::None)
            continue;
        const std::string title = processTitle(static_cast<std::uint32_t>(i));
        TrackRow row;
        row.process = title;
        row.processSort = process.sort;
        row.shape = TrackRow::Shape::Async;
        m_sink.updateTrack(process.track, row);
    }
    for (std::size_t i = 0; i < m_threads.size(); ++i) {
        const Thread &thread = m_threads[i];
        const Process &process = m_processes[thread.process];
        if (thread.track == TrackRef::None || (!thread.changed && !process.changed))
            continue;
        const std::string processName = processTitle(thread.process);
        const std::string title = threadTitle(static_cast<std::uint32_t>(i));
        TrackRow row;
        row.process = processName;
        row.thread = title;
        row.processSort = process.sort;
        row.threadSort = thread.sort;
        row.shape = thread.overflow ? TrackRow::Shape::Async : TrackRow::Shape::Nested;
        m_sink.updateTrack(thread.track, row);
    }
    for (const AsyncTrack &async : m_async) {
        const Process &process = m_processes[async.process];
        if (!process.changed)
            continue;
        const std::string title = processTitle(async.process);
        TrackRow row;
        row.process = title;
        row.thread = async.title;
        row.processSort = process.sort;
        row.shape = TrackRow::Shape::Linked;
        m_sink.updateTrack(async.track, row);
    }
}

} // namespace tailscope::import::chrome
