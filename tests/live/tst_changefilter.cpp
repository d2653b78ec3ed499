// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/changefilter.h"

#include <QTest>

#include <map>
#include <random>

using namespace tailscope;
using namespace tailscope::live;

namespace {

using Row = std::vector<std::optional<std::string>>;

std::string anySql(const ServerFacts &) { return {}; }
const Probe kStatements{.id = "statements",
    .sql = anySql,
    .key = "userid queryid",
    .unwatched = "ts age",
    .keyframe = std::chrono::seconds(300)};
const Probe kSessions{.id = "sessions", .sql = anySql};
const Probe kPlain{.id = "locks", .sql = anySql};

ResultSet set(std::vector<std::string> columns, const std::vector<Row> &rows)
{
    ResultSet out;
    out.columns = std::move(columns);
    for (const Row &row : rows) {
        for (const auto &cell : row)
            out.add(cell ? std::optional<std::string_view>(*cell) : std::nullopt);
    }
    return out;
}

const std::vector<std::string> kColumns{"ts", "userid", "queryid", "age", "calls"};
const std::vector<std::string> kSessionColumns{"ts", "pid", "backend_start", "backend_type", "state",
    "wait_event_type", "xact_start", "backend_xmin_age"};

Row session(std::string ts, std::string pid, std::optional<std::string> state, std::string age = "1")
{
    return {std::move(ts), std::move(pid), "s", "client backend", std::move(state), std::nullopt,
        std::nullopt, std::move(age)};
}

constexpr Nanos at(int seconds) { return 1'800'000'000 * kNanosPerSecond + seconds * kNanosPerSecond; }
using Places = std::vector<std::size_t>;

} // namespace

class TestChangeFilter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onlyChangedRows();
    void nullIsNoEmptyText();
    void keyframes();
    void whatCameBackIsStored();
    void forgetting();
    void withoutAKeyAll();
    void sessionsThatDoSomething();
    void differencesStayRight();
};

void TestChangeFilter::onlyChangedRows()
{
    ChangeFilter filter(kStatements);
    const auto rows = [](std::string ts, std::string first, std::string second) {
        return set(kColumns, {{ts, "1", "7", "a" + ts, first}, {ts, "2", "7", "b" + ts, second}});
    };
    QCOMPARE(filter.take(rows("1", "5", "5"), at(0)), (Places{0, 1}));
    QCOMPARE(filter.take(rows("2", "5", "5"), at(1)), Places{}); // ts and age are not watched
    QCOMPARE(filter.take(rows("3", "5", "6"), at(2)), Places{1});
    QCOMPARE(filter.take(rows("4", "5", "6"), at(3)), Places{});
    QCOMPARE(filter.unchanged(), std::int64_t(5));
}

void TestChangeFilter::nullIsNoEmptyText()
{
    ChangeFilter filter(kStatements);
    filter.take(set(kColumns, {{"1", "1", "7", "a", "bc"}}), at(0));
    QCOMPARE(filter.take(set(kColumns, {{"1", "1", "7", "a", std::nullopt}}), at(1)), Places{0});
    QCOMPARE(filter.take(set(kColumns, {{"1", "1", "7", "a", ""}}), at(2)), Places{0});
    // A key of NULL is one; the border between two cells counts.
    QCOMPARE(filter.take(set(kColumns,
                             {{"1", std::nullopt, "7", "a", ""}, {"1", "17", "", "a", ""},
                                 {"1", "1", "7", "a", ""}}),
                 at(3)),
        (Places{0, 1}));
}

void TestChangeFilter::keyframes()
{
    ChangeFilter filter(kStatements);
    const ResultSet rows = set(kColumns, {{"1", "1", "7", "a", "5"}});
    int stored = 0;
    for (int second = 0; second <= 900; ++second)
        stored += int(filter.take(rows, at(second)).size());
    QCOMPARE(stored, 4); // at 0, 300, 600 and 900 s
    QVERIFY(filter.wasKeyframe());
    QVERIFY(!filter.hasChanged(0)); // it only came by the keyframe
    // Our clock was set back: better one row too many.
    QCOMPARE(filter.take(rows, at(10)), Places{0});
    QVERIFY(!filter.hasChanged(0));
    QCOMPARE(filter.take(set(kColumns, {{"1", "1", "7", "a", "6"}}), at(310)), Places{0});
    QVERIFY(filter.wasKeyframe() && filter.hasChanged(0));
}

void TestChangeFilter::whatCameBackIsStored()
{
    ChangeFilter filter(kStatements);
    const Row a{"1", "1", "7", "a", "5"}, b{"1", "2", "7", "a", "5"};
    filter.take(set(kColumns, {a, b}), at(0));
    filter.take(set(kColumns, {a}), at(1));
    QCOMPARE(filter.take(set(kColumns, {a, b}), at(2)), Places{1});
}

void TestChangeFilter::forgetting()
{
    ChangeFilter filter(kStatements);
    const ResultSet rows = set(kColumns, {{"1", "1", "7", "a", "5"}, {"1", "2", "7", "a", "5"}});
    filter.take(rows, at(0));
    filter.forget(rows, 1);
    QCOMPARE(filter.take(rows, at(1)), Places{1});
    filter.forgetAll();
    QCOMPARE(filter.take(rows, at(2)), (Places{0, 1}));
    // Another version after a restart: other columns.
    const ResultSet wider
        = set({"ts", "userid", "queryid", "toplevel", "calls"}, {{"1", "1", "7", "t", "5"}});
    QCOMPARE(filter.take(wider, at(3)), Places{0});
}

void TestChangeFilter::withoutAKeyAll()
{
    ChangeFilter filter(kPlain);
    const ResultSet rows = set({"ts", "pid"}, {{"1", "1"}, {"1", "1"}});
    for (int i = 0; i < 3; ++i)
        QCOMPARE(filter.take(rows, at(i)), (Places{0, 1}));
    ChangeFilter keyed(kStatements);
    QCOMPARE(keyed.take(rows, at(0)), (Places{0, 1}));
    QCOMPARE(keyed.take(rows, at(1)), (Places{0, 1}));
}

void TestChangeFilter::sessionsThatDoSomething()
{
    ChangeFilter filter(kSessions);
    const auto rows = [](std::string ts, std::string age) {
        return set(kSessionColumns,
            {session(ts, "1", "active", age), session(ts, "2", "idle", age),
                session(ts, "3", "idle in transaction", age), session(ts, "4", "idle", age)});
    };
    QCOMPARE(filter.take(rows("1", "1"), at(0)), (Places{0, 1, 2, 3}));
    QCOMPARE(filter.take(rows("2", "2"), at(1)), (Places{0, 2}));
    QCOMPARE(filter.take(rows("9", "9"), at(10)), (Places{0, 1, 2, 3}));
    // Where nobody does anything one row still says that it was looked at.
    ChangeFilter quiet(kSessions);
    const ResultSet idle = set(kSessionColumns, {session("1", "2", "idle"), session("1", "4", "idle")});
    quiet.take(idle, at(0));
    QCOMPARE(quiet.take(idle, at(1)).size(), std::size_t(1));
    // Many: a minute between keyframes.
    ChangeFilter many(kSessions);
    std::vector<Row> crowd;
    for (int pid = 0; pid < 1500; ++pid)
        crowd.push_back(session("1", std::to_string(pid), "idle"));
    const ResultSet big = set(kSessionColumns, crowd);
    QCOMPARE(many.take(big, at(0)).size(), std::size_t(1500));
    QCOMPARE(many.take(big, at(30)).size(), std::size_t(1));
    QCOMPARE(many.take(big, at(60)).size(), std::size_t(1500));
}

/// Of any range the difference by what was stored is the difference by all that was seen.
void TestChangeFilter::differencesStayRight()
{
    ChangeFilter filter(kStatements);
    std::mt19937 random(7);
    std::vector<std::int64_t> calls(20);
    std::vector<std::vector<std::int64_t>> truth;
    std::vector<std::map<int, std::int64_t>> stored(calls.size());
    for (int second = 0; second < 700; ++second) {
        std::vector<Row> rows;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            if (random() % 10 < i % 4)
                calls[i] += random() % 100;
            rows.push_back({std::to_string(second), std::to_string(i), "7", "x", std::to_string(calls[i])});
        }
        truth.push_back(calls);
        for (const std::size_t row : filter.take(set(kColumns, rows), at(second)))
            stored[row][second] = calls[row];
    }
    QVERIFY(filter.unchanged() > 10'000);
    const auto value
        = [&](std::size_t i, int second) { return std::prev(stored[i].upper_bound(second))->second; };
    for (int n = 0; n < 5000; ++n) {
        const int a = int(random() % 700), b = int(random() % 700);
        const std::size_t i = random() % calls.size();
        QCOMPARE(value(i, b) - value(i, a), truth[std::size_t(b)][i] - truth[std::size_t(a)][i]);
    }
}

QTEST_GUILESS_MAIN(TestChangeFilter)
#include "tst_changefilter.moc"
