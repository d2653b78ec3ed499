// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every profile rule on profiles it must speak of and on their neighbours that it must leave alone.
#include "profilefixture.h"

using namespace tailscope;
using testing::ProfileFixture;
using testing::TestProfile;
using testing::TestStack;

namespace {

using Profiles = std::vector<TestProfile>;
using Stacks = std::vector<TestStack>;

TestProfile cpu(const Stacks &stacks) { return {ProfileKind::OnCpu, stacks}; }
TestProfile wall(const Stacks &stacks) { return {ProfileKind::Wall, stacks}; }
TestProfile alloc(const Stacks &stacks, Nanos pause = 0)
{
    return {ProfileKind::Alloc, stacks, "heap", "alloc_space", "bytes", pause};
}

/// `n` samples in f, the rest of `all` in twelve others.
Stacks oneOf(const std::string &f, int n, int all = 2000)
{
    Stacks stacks{{{"main", f}, n}};
    for (int i = 0; i < 12; ++i)
        stacks.push_back({{"main", "other" + std::to_string(i)}, (all - n) / 12});
    return stacks;
}

} // namespace

class TestProfileRules : public QObject
{
    Q_OBJECT

    static QString found(const char *rule, const Profiles &profiles)
    {
        ProfileFixture fixture(profiles);
        for (const QString &line : QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'))) {
            if (line.startsWith(QLatin1String(rule) + QLatin1Char(' ')))
                return line.section(QLatin1Char(' '), 1);
        }
        return {};
    }
    /// expected: "severity subject".
    static void fires(const char *rule, const char *expected, const Profiles &profiles)
    {
        QCOMPARE(QString::fromLatin1(rule) + QLatin1Char(' ') + found(rule, profiles),
            QString::fromLatin1(rule) + QLatin1Char(' ') + QLatin1String(expected));
    }
    static void silent(const char *rule, const Profiles &profiles) { fires(rule, "", profiles); }

private Q_SLOTS:
    void hotFunction()
    {
        fires("profile-hot-function", "info resize", {cpu(oneOf("resize", 300))});
        fires("profile-hot-function", "warning resize", {cpu(oneOf("resize", 1400))});
        // Most of all lies below it, although it does little itself.
        Stacks below;
        for (int i = 0; i < 20; ++i)
            below.push_back({{"main", "handle", "part" + std::to_string(i)}, 80});
        fires("profile-hot-function", "warning handle", {cpu(below)});
        silent("profile-hot-function", {cpu(oneOf("resize", 160))});
        silent("profile-hot-function", {cpu(oneOf("resize", 300, 900))}); // too few samples
        silent("profile-hot-function", {cpu(oneOf("bcrypt_hashpw", 300))}); // slow by design
        silent("profile-hot-function", {cpu(oneOf("epoll_wait", 1400))});
        silent("profile-hot-function", {wall(oneOf("resize", 1400))});
    }

    void difference()
    {
        const auto two = [](int before, int after, int n = 4000) {
            return Profiles{cpu(oneOf("parse", before, n)), cpu(oneOf("parse", after, n))};
        };
        fires("profile-diff", "info parse", two(200, 400));
        fires("profile-diff", "warning parse", two(200, 900));
        silent("profile-diff", two(200, 280)); // two points
        silent("profile-diff", two(40, 80, 800)); // few samples
        silent("profile-diff", two(400, 200)); // less is no finding
        silent("profile-diff", {cpu(oneOf("parse", 200, 4000)), wall(oneOf("parse", 900, 4000))});
        Profiles periods = two(200, 900);
        periods[1].period = 10;
        silent("profile-diff", periods);
        // Growth of what is allocated: in bytes, not in shares.
        const auto heap = [](double bytes) {
            return alloc({{{"main", "cache"}, 1, bytes}, {{"main", "rest"}, 1, 1e6}});
        };
        fires("profile-diff", "info cache", {heap(1e6), heap(1.3e6)});
        fires("profile-diff", "warning cache", {heap(1e6), heap(2.5e6)});
        silent("profile-diff", {heap(1e6), heap(1.1e6)});
    }

    void serialization()
    {
        const auto json = [](int n) {
            Stacks stacks = oneOf("work", 200);
            stacks.push_back({{"main", "render", "json.dumps", "encode_basestring"}, n});
            return stacks;
        };
        fires("profile-serialization", "warning json.dumps", {cpu(json(400))});
        silent("profile-serialization", {cpu(json(100))});
        silent("profile-serialization", {cpu({{{"main", "json.dumps"}, 500}})}); // too few samples
        silent("profile-serialization", {wall(json(400))});
        ProfileFixture fixture({cpu(json(400))});
        fixture.findings();
        QCOMPARE(fixture.text("SELECT json_extract(evidence, '$.caller') FROM finding"
                              " WHERE rule_id = 'profile-serialization'"),
            std::string("render"));
    }

    void databaseInHotPath()
    {
        const auto stacks = [](const char *loop, int n) {
            Stacks all = oneOf("work", 100, 1000);
            all.push_back({{"main", "show_cart", loop, "load_item", "psycopg2.execute", "recvfrom"}, n});
            return all;
        };
        fires("profile-db-in-hot-path", "warning load_item", {wall(stacks("Array#each", 600))});
        silent("profile-db-in-hot-path", {wall(stacks("reach", 600))}); // no loop
        silent("profile-db-in-hot-path", {wall(stacks("Array#each", 120))});
        silent("profile-db-in-hot-path",
            {wall({{{"main", "each", "load_item", "psycopg2.execute"}, 40}})}); // too few samples
    }

    void lockBlocked()
    {
        const auto stacks = [](int n) {
            Stacks all = oneOf("work", 20, 100);
            all.push_back({{"main", "Cache.put", "pthread_mutex_lock"}, n});
            return all;
        };
        fires("profile-lock-blocked", "warning Cache.put", {wall(stacks(60))});
        fires("profile-lock-blocked", "warning Cache.put", {{ProfileKind::Threads, stacks(60)}});
        silent("profile-lock-blocked", {wall(stacks(15))});
        silent("profile-lock-blocked", {cpu(stacks(60))});
        silent("profile-lock-blocked", {wall({{{"main", "Cache.put", "pthread_mutex_lock"}, 10}})});
    }

    void blockedOutbound()
    {
        const auto stacks = [](int n) {
            return Stacks{{{"Thread.run", "Payment.charge", "SocketInputStream.read", "socketRead0"}, n},
                {{"Thread.run", "work"}, 100 - n}};
        };
        fires("profile-blocked-outbound", "critical Payment.charge", {{ProfileKind::Threads, stacks(95)}});
        silent("profile-blocked-outbound", {{ProfileKind::Threads, stacks(80)}});
        silent("profile-blocked-outbound",
            {{ProfileKind::Threads, {{{"Thread.run", "Worker.next", "Unsafe.park"}, 100}}}});
        silent("profile-blocked-outbound", {cpu(stacks(95))});
    }

    void allocation()
    {
        const auto heap = [](double share, Nanos pause) {
            return alloc({{{"main", "decode"}, 1, share * 1e6}, {{"main", "a"}, 1, (1 - share) * 6e5},
                             {{"main", "b"}, 1, (1 - share) * 4e5}},
                pause);
        };
        fires("profile-allocation", "warning decode", {heap(0.7, 200'000'000)});
        silent("profile-allocation", {heap(0.7, 20'000'000)}); // pauses are short
        silent("profile-allocation", {heap(0.7, 0)}); // nothing is known of pauses
        TestProfile many = alloc({}, 200'000'000);
        for (int i = 0; i < 10; ++i)
            many.stacks.push_back({{"main", "f" + std::to_string(i)}, 1, 1000});
        silent("profile-allocation", {many});
    }

    void quality()
    {
        fires("profile-quality", "info 1", {cpu(oneOf("f", 20, 500))});
        silent("profile-quality", {cpu(oneOf("f", 20, 1300))});
        silent("profile-quality", {alloc({{{"main"}, 3, 100}})});
    }
};

QTEST_GUILESS_MAIN(TestProfileRules)
#include "tst_profilerules.moc"
