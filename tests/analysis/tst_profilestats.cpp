// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Functions and categories of profiles, as rules ask for them.
#include "analysis/profilestats.h"

#include "analysis/calltreebuilder.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <QTest>

#include <set>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

using Stacks = std::vector<std::pair<std::vector<std::string>, int>>;

std::shared_ptr<const CallTree> treeOf(const Stacks &stacks)
{
    CallTreeBuilder builder;
    for (const auto &[frames, samples] : stacks) {
        std::uint32_t at = 0;
        for (const std::string &frame : frames)
            at = builder.child(at, builder.name(frame), builder.group(""));
        builder.tree().nodes[at].self += samples;
        builder.tree().nodes[at].count += samples;
    }
    return builder.finish(CallTreeBuilder::Totals::FromSelf);
}

const CategoryStat *find(const std::vector<CategoryStat> &rows, FrameCategory category,
    const std::string &caller)
{
    const auto found = std::find_if(rows.begin(), rows.end(),
        [&](const CategoryStat &row) { return row.category == category && row.caller == caller; });
    return found == rows.end() ? nullptr : &*found;
}

} // namespace

class TestProfileStats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void categories_data();
    void categories();
    void loopsAndEntries();
    void hotPathEndsWhereItSplits();
    void stacksCountOnceACategory();
    void equalsTheSlowWay();
    void storedOnce();
};

void TestProfileStats::categories_data()
{
    QTest::addColumn<QString>("module");
    QTest::addColumn<QString>("function");
    QTest::addColumn<QString>("category");
    const auto row = [](const char *module, const char *function, const char *category) {
        QTest::addRow("%s %s", module, function)
            << QString::fromLatin1(module) << QString::fromLatin1(function) << QString::fromLatin1(category);
    };
    row("", "encoding/json.(*Decoder).Decode", "serialization");
    row("", "JSON.stringify", "serialization");
    row("libpq.so.5", "PQgetResult", "database");
    row("", "github.com/jackc/pgx/v5.(*Conn).Query", "database");
    row("libpthread.so", "__pthread_mutex_lock", "lock");
    row("", "java.net.SocketInputStream.read", "network");
    row("[kernel]", "ep_poll", "idle");
    row("", "sun.misc.Unsafe.park", "idle");
    row("", "(garbage collector)", "gc");
    row("", "bcrypt_hashpw", "password_hash");
    row("app", "resize_image", "");
}

void TestProfileStats::categories()
{
    QFETCH(QString, module);
    QFETCH(QString, function);
    QFETCH(QString, category);
    const std::string_view name = categoryName(categoryOf(function.toStdString(), module.toStdString()));
    QCOMPARE(QString::fromUtf8(name.data(), qsizetype(name.size())), category);
}

void TestProfileStats::loopsAndEntries()
{
    for (const char *name : {"Array#each", "java.util.ArrayList.forEach", "for_each", "<listcomp>", "loop"})
        QVERIFY2(isLoopLike(name), name);
    for (const char *name : {"reach", "mapping", "HashMap.get", "teacher", ""})
        QVERIFY2(!isLoopLike(name), name);
    QVERIFY(isEntryPoint("main") && isEntryPoint("Thread.run") && !isEntryPoint("handle"));
}

void TestProfileStats::hotPathEndsWhereItSplits()
{
    const auto rows = functionStats(*treeOf({{{"main", "run", "handle", "a"}, 40},
        {{"main", "run", "handle", "b"}, 40}, {{"main", "run", "log"}, 19}, {{"tiny"}, 1}}));
    for (const FunctionStat &row : rows)
        QCOMPARE(row.isHotPath, row.function == "handle");
    QVERIFY(std::any_of(rows.begin(), rows.end(), [](const FunctionStat &row) { return row.isHotPath; }));
    // Nothing dominates.
    for (const FunctionStat &row : functionStats(*treeOf({{{"a"}, 50}, {{"b"}, 50}})))
        QVERIFY(!row.isHotPath);
    // Below a thousandth of the whole a function is left out.
    QCOMPARE(functionStats(*treeOf({{{"big"}, 99'999}, {{"small"}, 1}})).size(), std::size_t(1));
    QVERIFY(functionStats(CallTree()).empty());
}

void TestProfileStats::stacksCountOnceACategory()
{
    const auto rows
        = categoryStats(*treeOf({{{"main", "list", "each", "load", "psycopg.run", "recvfrom"}, 30},
            {{"main", "load", "psycopg.run", "psycopg.wait"}, 10}, {{"json.dumps", "json.encode"}, 5},
            {{"main", "work"}, 55}}));
    const CategoryStat *all = find(rows, FrameCategory::Database, "");
    QVERIFY(all);
    QCOMPARE(all->weight, 40.0);
    QCOMPARE(all->samples, 40);
    QCOMPARE(all->frame, std::string("psycopg.run"));
    const CategoryStat *load = find(rows, FrameCategory::Database, "load");
    QVERIFY(load);
    QCOMPARE(load->weight, 40.0);
    QCOMPARE(load->loop, std::string("each"));
    // The wait inside the driver belongs to who called the driver.
    QVERIFY(find(rows, FrameCategory::Network, "load"));
    QCOMPARE(find(rows, FrameCategory::Serialization, "")->weight, 5.0);
    QVERIFY(rows.front().caller.empty());
}

void TestProfileStats::equalsTheSlowWay()
{
    const std::vector<std::string> names{"main", "json.a", "json.b", "psycopg.q", "f", "g", "recvmsg"};
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        spanfixture::Random random(seed);
        Stacks stacks;
        for (int i = 0; i < 50; ++i) {
            std::vector<std::string> frames;
            for (int depth = int(random.below(7)); depth >= 0; --depth)
                frames.push_back(names[std::size_t(random.below(std::int64_t(names.size())))]);
            stacks.emplace_back(frames, 1 + int(random.below(5)));
        }
        std::map<FrameCategory, double> expected;
        for (const auto &[frames, samples] : stacks) {
            std::set<FrameCategory> has;
            for (const std::string &frame : frames)
                has.insert(categoryOf(frame, ""));
            for (const FrameCategory category : has)
                expected[category] += samples;
        }
        expected.erase(FrameCategory::None);
        std::map<FrameCategory, double> actual;
        for (const CategoryStat &row : categoryStats(*treeOf(stacks))) {
            if (row.caller.empty())
                actual[row.category] = row.weight;
        }
        QVERIFY(actual == expected);
    }
}

void TestProfileStats::storedOnce()
{
    const auto workspace = storefixture::newWorkspace();
    auto writer = store::BulkWriter::create(*workspace, {"stacks", "test", std::nullopt}, {});
    TS_VERIFY_OK(writer);
    SourceInfo info;
    info.kind = SourceKind::Profile;
    (*writer)->setSource(info);
    ProfileRow head;
    head.name = "cpu";
    head.unit = "samples";
    const ProfileRef profile = (*writer)->profile(head);
    const auto main
        = (*writer)->callNode(profile, CallNodeRef::None, (*writer)->frame({"main", "app", {}, 0}));
    const auto json = (*writer)->callNode(profile, main, (*writer)->frame({"to_json", "app", {}, 0}));
    for (const auto &[node, count] : {std::pair(main, 3), std::pair(json, 1)}) {
        SampleRow row;
        row.profile = profile;
        row.node = node;
        row.weight = count;
        row.count = count;
        (*writer)->sample(row);
    }
    TS_VERIFY_OK((*writer)->finish({}));
    TS_VERIFY_OK(refreshProfileStats(*workspace, {}));
    QCOMPARE(storefixture::query(*workspace,
                 "SELECT function, module, category, self_weight, total_share, samples, hot_path"
                 " FROM function_stat ORDER BY self_weight DESC"),
        std::string("main app - 3.0 1.0 3 1; to_json app serialization 1.0 0.25 1 0"));
    QCOMPARE(storefixture::query(*workspace,
                 "SELECT category, caller, frame, share, samples FROM stack_category ORDER BY caller"),
        std::string("serialization - to_json 0.25 1; serialization main to_json 0.25 1"));
    // Nothing changed: the same run stays.
    const std::string run
        = storefixture::query(*workspace, "SELECT id FROM analysis_run WHERE kind = 'profile_stat'");
    TS_VERIFY_OK(refreshProfileStats(*workspace, {}));
    QCOMPARE(storefixture::query(*workspace, "SELECT DISTINCT run_id FROM function_stat"), run);
}

QTEST_GUILESS_MAIN(TestProfileStats)
#include "tst_profilestats.moc"
