// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/sampler.h"

#include "live/sampledserver.h"

#include <algorithm>
#include <ctime>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tailscope::live {

namespace {

using Clock = ProbeSchedule::Clock;
using Time = ProbeSchedule::Time;

constexpr std::chrono::seconds kLongestSleep{60};
constexpr std::chrono::milliseconds kPublishEvery{200};
constexpr std::chrono::seconds kCpuWindow{60};

std::chrono::nanoseconds threadCpu()
{
    timespec used{};
    if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0)
        return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Share of one core that the calling thread used of the last minute.
class CpuShare
{
public:
    double at(Time now)
    {
        if (m_marks.empty() || now - m_marks.back().time >= std::chrono::seconds(1))
            m_marks.push_back({now, threadCpu()});
        while (m_marks.size() > 2 && now - m_marks.front().time > kCpuWindow)
            m_marks.pop_front();
        const Mark &first = m_marks.front(), &last = m_marks.back();
        const auto passed = last.time - first.time;
        return passed.count() <= 0
            ? 0
            : std::chrono::duration<double>(last.cpu - first.cpu) / std::chrono::duration<double>(passed);
    }

private:
    struct Mark
    {
        Time time{};
        std::chrono::nanoseconds cpu{};
    };
    std::deque<Mark> m_marks;
};

} // namespace

std::string_view toText(ServerEvent::Kind kind)
{
    using Kind = ServerEvent::Kind;
    switch (kind) {
    case Kind::Connected:
        return "connected";
    case Kind::Reconnected:
        return "reconnect";
    case Kind::Lost:
        return "lost";
    case Kind::Gap:
        return "gap";
    case Kind::Failover:
        return "failover";
    case Kind::Restarted:
        return "restart";
    case Kind::StatisticsReset:
        return "statistics_reset";
    case Kind::BackedOff:
        return "note";
    }
    return "note";
}

struct Sampler::Impl
{
    Impl(std::vector<Target> targets, const SamplerOptions &wanted, SampleSink &sink)
        : wakeFd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
        , options(wanted)
    {
        for (std::size_t i = 0; i < targets.size(); ++i) {
            servers.push_back(std::make_unique<SampledServer>(i, std::move(targets[i]), sink));
            published.push_back(servers.back()->status(Clock::now()));
        }
    }
    ~Impl()
    {
        stop();
        if (wakeFd >= 0)
            ::close(wakeFd);
    }

    void wake() const
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wakeFd, &one, sizeof one);
    }
    void start()
    {
        if (thread.joinable())
            return;
        thread = std::thread([this] { run(); });
    }
    void stop()
    {
        if (!thread.joinable())
            return;
        {
            const std::lock_guard guard(mutex);
            stopping = true;
        }
        wake();
        thread.join();
    }

    void run();
    bool takeCommands(Time now);
    void wait(Time until);
    void publish(Time now);

    const int wakeFd;
    std::vector<std::unique_ptr<SampledServer>> servers; // of the live thread

    mutable std::mutex mutex; // of what is below
    bool stopping = false, optionsChanged = true;
    SamplerOptions options;
    std::optional<bool> paused;
    std::vector<std::pair<std::size_t, std::string>> passwords;
    std::vector<std::string> forced;
    std::vector<ServerStatus> published;

    Time lastPublished{};
    CpuShare cpu;
    std::vector<pollfd> polled;
    std::thread thread;
};

void Sampler::Impl::run()
{
    for (;;) {
        Time now = Clock::now();
        if (!takeCommands(now))
            break;
        Time until = now + kLongestSleep;
        for (const auto &server : servers)
            until = std::min(until, server->advance(now));
        publish(now);
        wait(until);
    }
    for (const auto &server : servers)
        server->stop();
    lastPublished = {};
    publish(Clock::now());
}

/// False: stop.
bool Sampler::Impl::takeCommands(Time now)
{
    const std::lock_guard guard(mutex);
    if (stopping)
        return false;
    if (std::exchange(optionsChanged, false)) {
        for (const auto &server : servers)
            server->setOptions(options, now);
    }
    if (const auto wanted = std::exchange(paused, std::nullopt)) {
        for (const auto &server : servers)
            server->setPaused(*wanted);
    }
    for (auto &[place, password] : std::exchange(passwords, {})) {
        if (place < servers.size())
            servers[place]->setPassword(std::move(password), now);
    }
    for (const std::string &probe : std::exchange(forced, {})) {
        for (const auto &server : servers)
            server->runNow(probe, now);
    }
    return true;
}

void Sampler::Impl::wait(Time until)
{
    polled.clear();
    polled.push_back({wakeFd, POLLIN, 0});
    const Time now = Clock::now();
    for (const auto &server : servers) {
        const int socket = server->socket();
        const short events = socket < 0 ? short{0} : server->pollEvents(now);
        polled.push_back({events == 0 ? -1 : socket, events, 0});
    }
    // Rounded up: a wait that ends a moment early would be taken again and again.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    const int ready
        = ::poll(polled.data(), polled.size(), static_cast<int>(std::clamp<long>(left, 0, 60'000)));
    if (ready <= 0)
        return;
    if (polled[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(wakeFd, &count, sizeof count);
    }
    const Time woken = Clock::now();
    for (std::size_t i = 0; i < servers.size(); ++i) {
        if (polled[i + 1].revents != 0)
            servers[i]->socketReady(woken);
    }
}

void Sampler::Impl::publish(Time now)
{
    const double share = cpu.at(now);
    if (now - lastPublished < kPublishEvery && lastPublished != Time{}) {
        // A change of state is told at once.
        const std::lock_guard guard(mutex);
        const bool same = std::equal(servers.begin(), servers.end(), published.begin(),
            [now](const auto &server, const ServerStatus &told) { return server->state() == told.state; });
        if (same)
            return;
    }
    lastPublished = now;
    std::vector<ServerStatus> fresh;
    for (const auto &server : servers) {
        fresh.push_back(server->status(now));
        fresh.back().clientCpuShare = share;
    }
    const std::lock_guard guard(mutex);
    published.swap(fresh);
}

Sampler::Sampler(std::vector<Target> targets, const SamplerOptions &options, SampleSink &sink)
    : m_impl(std::make_unique<Impl>(std::move(targets), options, sink))
{}

Sampler::~Sampler() = default;

void Sampler::start() { m_impl->start(); }

void Sampler::stop() { m_impl->stop(); }

std::vector<ServerStatus> Sampler::status() const
{
    const std::lock_guard guard(m_impl->mutex);
    return m_impl->published;
}

void Sampler::setPassword(std::size_t server, std::string password)
{
    {
        const std::lock_guard guard(m_impl->mutex);
        m_impl->passwords.emplace_back(server, std::move(password));
    }
    m_impl->wake();
}

void Sampler::setOptions(const SamplerOptions &options)
{
    {
        const std::lock_guard guard(m_impl->mutex);
        m_impl->options = options;
        m_impl->optionsChanged = true;
    }
    m_impl->wake();
}

void Sampler::setPaused(bool paused)
{
    {
        const std::lock_guard guard(m_impl->mutex);
        m_impl->paused = paused;
    }
    m_impl->wake();
}

void Sampler::runNow(std::string_view probe)
{
    {
        const std::lock_guard guard(m_impl->mutex);
        m_impl->forced.emplace_back(probe);
    }
    m_impl->wake();
}

} // namespace tailscope::live
