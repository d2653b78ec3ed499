// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The live thread against servers that are there, go away and come back.
#include "live/sampler.h"
#include "liveserver.h"
#include "recordtest.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace recordtest;
using namespace tailscope::tests;
using namespace std::chrono_literals;

namespace {

using State = ServerStatus::State;

/// Keeps what it is told; may refuse.
class Collector final : public SampleSink
{
public:
    bool offer(Sample &&sample) override
    {
        const std::lock_guard guard(m_mutex);
        if (refuses)
            return false;
        ++counts[std::string(sample.probe->id)];
        if (sample.error)
            ++errors;
        servers.insert(sample.server);
        last[std::string(sample.probe->id)] = std::move(sample);
        return true;
    }
    void note(ServerEvent &&event) override
    {
        const std::lock_guard guard(m_mutex);
        events.push_back(std::move(event));
    }
    int count(const std::string &probe)
    {
        const std::lock_guard guard(m_mutex);
        return counts[probe];
    }
    int eventsOf(ServerEvent::Kind kind)
    {
        const std::lock_guard guard(m_mutex);
        return int(std::count_if(events.begin(), events.end(),
            [kind](const ServerEvent &one) { return one.kind == kind; }));
    }
    std::optional<ServerEvent> event(ServerEvent::Kind kind)
    {
        const std::lock_guard guard(m_mutex);
        for (const ServerEvent &one : events) {
            if (one.kind == kind)
                return one;
        }
        return std::nullopt;
    }

    std::atomic<bool> refuses{false};
    std::map<std::string, int> counts;
    std::map<std::string, Sample> last;
    std::set<std::size_t> servers;
    std::vector<ServerEvent> events;
    int errors = 0;

private:
    std::mutex m_mutex;
};

Target targetOf(const std::string &conninfo, TargetKind kind = TargetKind::Postgres)
{
    return parseTarget(conninfo, kind).value_or(Target{});
}

double cpuSeconds()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return double(used.tv_sec) + double(used.tv_nsec) / 1e9;
}

/// A port on which nobody listens.
int freePort()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    ::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address);
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    ::close(fd);
    return ::ntohs(address.sin_port);
}

bool wait(const std::function<bool()> &until, std::chrono::milliseconds atMost)
{
    const auto end = std::chrono::steady_clock::now() + atMost;
    while (!until()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        QTest::qWait(20);
    }
    return true;
}

} // namespace

class TestSampler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cleanup();
    void neverSpins();
    void stopsWithinASecond();
    void asksWhatIsDue();
    void severalServersAtOnce();
    void wrongPasswordWaits();
    void passwordThatWorkedIsTriedAgain();
    void noSuchDatabaseIsRefused();
    void pausesAreGaps();
    void refusedSamplesAreGaps();
    void stoppedComputerIsAGap();
    void restartIsTold();
    void stoppedServerIsLost();
    void promotionIsTold();
};

void TestSampler::cleanup()
{
    if (LiveServer::missing().isEmpty() && QTest::currentTestFailed())
        LiveServer::reset();
}

void TestSampler::neverSpins()
{
    Collector sink;
    Sampler sampler({targetOf("host=127.0.0.1 port=" + std::to_string(freePort()) + " dbname=x user=y")}, {},
        sink);
    const double before = cpuSeconds();
    sampler.start();
    QVERIFY(wait([&] { return sampler.status().front().state == State::Lost; }, 30s));
    QTest::qWait(5000);
    const double used = cpuSeconds() - before;
    const ServerStatus status = sampler.status().front();
    QVERIFY(status.state == State::Lost);
    QVERIFY(!status.detail.empty());
    // 0.5, 1, 2, 4 s: five seconds are three or four tries.
    QVERIFY2(status.attempts >= 2 && status.attempts <= 6, std::to_string(status.attempts).c_str());
    QVERIFY2(used < 1.5, std::to_string(used).c_str());
    QVERIFY(sink.events.empty()); // what was never there was not lost
}

void TestSampler::stopsWithinASecond()
{
    // Something that listens and never says a word.
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    QCOMPARE(::bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    QCOMPARE(::listen(listener, 1), 0);
    socklen_t length = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr *>(&address), &length);
    Collector sink;
    Sampler sampler({targetOf("host=127.0.0.1 port=" + std::to_string(::ntohs(address.sin_port))
                        + " dbname=x user=y")},
        {}, sink);
    sampler.start();
    QTest::qWait(300);
    const auto before = std::chrono::steady_clock::now();
    sampler.stop();
    QVERIFY(std::chrono::steady_clock::now() - before < 3s); // less than it waits for an answer
    QVERIFY(sampler.status().front().state == State::Stopped);
    ::close(listener);
}

void TestSampler::asksWhatIsDue()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 4; }, 90s));
    const ServerStatus status = sampler.status().front();
    QVERIFY(status.state == State::Sampling);
    QVERIFY(status.facts && status.facts->engine == Engine::PostgreSql);
    QVERIFY(status.bytes > 1000);
    QVERIFY(status.ownShare > 0 && status.ownShare < 1);
    QCOMPARE(sink.eventsOf(ServerEvent::Kind::Connected), 1);
    // About once a second each, and what is for a standby not at all
    // (less often where the machine is so busy that they back off).
    QVERIFY(sink.count("databases") >= 2);
    QCOMPARE(sink.count("standby"), 0);
    for (const ProbeStatus &probe : status.probes) {
        if (probe.probe->id == "standby")
            QVERIFY(probe.state == ProbeStatus::State::NotOnThisSide);
        if (probe.probe->id == "sessions")
            QVERIFY(probe.runs >= 3 && probe.failures == 0 && probe.lastMs > 0);
        QVERIFY2(probe.failures == 0, (std::string(probe.probe->id) + ": " + probe.reason).c_str());
    }
    sampler.runNow("settings");
    const int before = sink.count("settings");
    QVERIFY(wait([&] { return sink.count("settings") > before; }, 30s));
    SamplerOptions options;
    options.intervals["sessions"] = 0ms;
    sampler.setOptions(options);
    QTest::qWait(3500); // one may be under way, for as long as a statement may take
    const int off = sink.count("sessions");
    QTest::qWait(2500);
    QCOMPARE(sink.count("sessions"), off);
}

void TestSampler::severalServersAtOnce()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY")),
                        targetOf(LiveServer::conninfo("TS_LIVE_REPLICA")),
                        targetOf(LiveServer::conninfo("TS_LIVE_BOUNCER"), TargetKind::Pgbouncer),
                        targetOf("host=127.0.0.1 port=" + std::to_string(freePort()) + " dbname=x user=y")},
        {}, sink);
    sampler.start();
    QVERIFY(wait(
        [&] {
            return sink.count("sessions") >= 6 && sink.count("standby") >= 2
                && sink.count("pooler_pools") >= 2;
        },
        90s));
    const std::vector<ServerStatus> status = sampler.status();
    for (int i = 0; i < 3; ++i)
        QVERIFY2(status[std::size_t(i)].state == State::Sampling, status[std::size_t(i)].detail.c_str());
    QVERIFY(status[3].state == State::Lost);
    QCOMPARE(sink.servers, (std::set<std::size_t>{0, 1, 2}));
    QVERIFY(status[0].clientCpuShare >= 0 && status[0].clientCpuShare < 0.9);
}

void TestSampler::wrongPasswordWaits()
{
    TS_NEED_LIVE_SERVER();
    Target target = targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"));
    const std::string right = target.password;
    QVERIFY(!right.empty());
    target.password = "xyzzy-1"; // no text of the program holds it
    Collector sink;
    Sampler sampler({target}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sampler.status().front().state == State::NeedsPassword; }, 60s));
    QVERIFY(sampler.status().front().detail.find("xyzzy") == std::string::npos);
    const int tried = sampler.status().front().attempts;
    QTest::qWait(2000);
    QCOMPARE(sampler.status().front().attempts, tried); // an account must not be locked by us
    sampler.setPassword(0, right);
    QVERIFY(wait([&] { return sampler.status().front().state == State::Sampling; }, 60s));
}

/// LDAP or auth_query is down for a moment: a recording of days must come back by itself.
void TestSampler::passwordThatWorkedIsTriedAgain()
{
    TS_NEED_LIVE_SERVER();
    const Target target = targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"));
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    QVERIFY2(super.isOpen(), super.error().c_str());
    Collector sink;
    Sampler sampler({target}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    const std::string role = sampler.status().front().facts->user,
                      pid = std::to_string(sampler.status().front().facts->backendPid);
    super.rows("ALTER ROLE " + role + " PASSWORD 'another one'");
    super.rows("SELECT pg_terminate_backend(" + pid + ")");
    const bool isRefused = wait([&] { return sampler.status().front().state == State::Refused; }, 60s);
    const std::string detail = sampler.status().front().detail;
    super.rows("ALTER ROLE " + role + " PASSWORD '" + target.password + "'");
    QVERIFY2(isRefused, detail.c_str());
    QVERIFY2(detail.find("tried again") != std::string::npos, detail.c_str());
    sampler.setPassword(0, target.password); // not to wait for the minute
    QVERIFY(wait([&] { return sampler.status().front().state == State::Sampling; }, 60s));
}

void TestSampler::noSuchDatabaseIsRefused()
{
    TS_NEED_LIVE_SERVER();
    Target target = targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY") + " dbname=there_is_none");
    Collector sink;
    Sampler sampler({target}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sampler.status().front().state == State::Refused; }, 60s));
    QVERIFY(sampler.status().front().detail.find("there_is_none") != std::string::npos);
    QTest::qWait(1500);
    QCOMPARE(sampler.status().front().attempts, 1);
}

void TestSampler::pausesAreGaps()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    sampler.setPaused(true);
    QTest::qWait(500);
    const int before = sink.count("sessions");
    QTest::qWait(2000);
    QVERIFY(sink.count("sessions") <= before + 1);
    sampler.setPaused(false);
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Gap) == 1; }, 30s));
    const auto gap = sink.event(ServerEvent::Kind::Gap);
    QVERIFY(gap->endNs - gap->tsNs >= 2 * kNanosPerSecond);
    QVERIFY(wait([&] { return sink.count("sessions") > before + 1; }, 30s));
    QCOMPARE(sink.eventsOf(ServerEvent::Kind::Gap), 1); // told once
}

void TestSampler::refusedSamplesAreGaps()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    sink.refuses = true;
    QVERIFY(wait([&] { return !sampler.status().front().detail.empty(); }, 60s));
    QTest::qWait(1500);
    sink.refuses = false;
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Gap) == 1; }, 60s));
    QVERIFY(sink.event(ServerEvent::Kind::Gap)->endNs > sink.event(ServerEvent::Kind::Gap)->tsNs);
    QVERIFY(sampler.status().front().state == State::Sampling);
}

/// As when the lid is closed: the process stands still and goes on.
void TestSampler::stoppedComputerIsAGap()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    const pid_t us = ::getpid();
    if (::fork() == 0) {
        ::usleep(200'000);
        ::kill(us, SIGSTOP);
        ::usleep(5'000'000);
        ::kill(us, SIGCONT);
        ::_exit(0);
    }
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Gap) == 1; }, 90s));
    const auto gap = sink.event(ServerEvent::Kind::Gap);
    QVERIFY(gap->endNs - gap->tsNs >= 4 * kNanosPerSecond);
}

void TestSampler::restartIsTold()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    TS_FIXTURE("kill", "primary");
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Lost) == 1; }, 60s));
    QVERIFY(sampler.status().front().state == State::Lost);
    TS_FIXTURE("up", "primary");
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Restarted) == 1; }, 120s));
    QCOMPARE(sink.eventsOf(ServerEvent::Kind::Reconnected), 1); // told before
    QCOMPARE(sink.eventsOf(ServerEvent::Kind::Failover), 0);
    const auto again = sink.event(ServerEvent::Kind::Reconnected);
    QVERIFY(again->endNs > again->tsNs);
    const int before = sink.count("sessions");
    QVERIFY(wait([&] { return sink.count("sessions") > before + 1; }, 60s));
    // Lost and Reconnected say it; a thread that got no time for three seconds of its own is another gap.
    QVERIFY(sink.eventsOf(ServerEvent::Kind::Gap) <= 1);
}

void TestSampler::stoppedServerIsLost()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_PRIMARY"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("sessions") >= 2; }, 60s));
    const std::string backend = std::to_string(sampler.status().front().facts->backendPid);
    TS_FIXTURE("freeze", backend);
    const double before = cpuSeconds();
    const bool lost = wait([&] { return sink.eventsOf(ServerEvent::Kind::Lost) == 1; }, 90s);
    const double used = cpuSeconds() - before;
    TS_FIXTURE("thaw", backend);
    QVERIFY(lost);
    QVERIFY2(used < 2, std::to_string(used).c_str());
    QVERIFY(wait([&] { return sink.eventsOf(ServerEvent::Kind::Reconnected) == 1; }, 120s));
    QCOMPARE(sink.eventsOf(ServerEvent::Kind::Restarted), 0);
}

void TestSampler::promotionIsTold()
{
    TS_NEED_LIVE_SERVER();
    Collector sink;
    Sampler sampler({targetOf(LiveServer::conninfo("TS_LIVE_REPLICA"))}, {}, sink);
    sampler.start();
    QVERIFY(wait([&] { return sink.count("standby") >= 2; }, 90s));
    TS_FIXTURE("promote");
    const bool told = wait([&] { return sink.eventsOf(ServerEvent::Kind::Failover) == 1; }, 90s);
    const int before = sink.count("replication");
    const bool asks = wait([&] { return sink.count("replication") > before; }, 60s);
    sampler.stop();
    LiveServer::reset();
    QVERIFY(told);
    QVERIFY(asks); // as of a primary
    QVERIFY(sink.event(ServerEvent::Kind::Failover)->facts->inRecovery == false);
}

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
