// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltree.h"
#include "analysis/calltreebuilder.h"
#include "spanfixture.h"

#include "store/bulkwriter.h"

#include <cmath>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using spanfixture::Span;

namespace {

// "name[group] self/total xcount" per node, children indented.
std::string print(const CallTree &tree, std::uint32_t node = 0, int depth = 0)
{
    const CallTree::Node &n = tree.nodes[node];
    std::string out(std::size_t(depth) * 2, ' ');
    out += tree.names[n.name];
    if (!tree.groups[n.group].empty())
        out += "[" + tree.groups[n.group] + "]";
    out += " " + std::to_string(std::int64_t(n.self)) + "/" + std::to_string(std::int64_t(n.total));
    if (n.count > 0)
        out += " x" + std::to_string(n.count);
    out += "\n";
    for (std::uint32_t child = n.firstChild; child != 0; child = tree.nodes[child].nextSibling)
        out += print(tree, child, depth + 1);
    return out;
}

double sumOfSelf(const CallTree &tree)
{
    double sum = 0;
    for (const CallTree::Node &node : tree.nodes)
        sum += node.self;
    return sum;
}

void checkLinks(const CallTree &tree)
{
    std::size_t linked = 1;
    for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
        double last = std::numeric_limits<double>::infinity();
        for (std::uint32_t child = tree.nodes[i].firstChild; child != 0;
             child = tree.nodes[child].nextSibling) {
            QVERIFY(child > i);
            QCOMPARE(tree.nodes[child].parent, i);
            QVERIFY(tree.nodes[child].total <= last);
            last = tree.nodes[child].total;
            ++linked;
        }
    }
    QCOMPARE(linked, tree.nodes.size());
}

// root(100) > a(60) > b(20), b(10); root > c(30); all on one service.
std::vector<Span> smallTrace()
{
    return {{"root", 0, 0, 0, 100, 10}, {"a", 0, 1, 0, 60, 30, 0}, {"b", 0, 2, 0, 20, 20, 1},
        {"b", 0, 2, 30, 10, 10, 1}, {"c", 0, 1, 70, 30, 30, 0}};
}

// Strictly nested random calls; self is exact.
std::vector<Span> randomCalls(std::uint64_t seed, int count)
{
    Random random(seed);
    std::vector<Span> spans;
    struct Open
    {
        int span;
        Nanos at;
    };
    std::vector<Open> open;
    Nanos now = 0;
    while (int(spans.size()) < count || !open.empty()) {
        const bool canOpen = int(spans.size()) < count && open.size() < 30;
        if (canOpen && (open.empty() || random.chance(55))) {
            Span span;
            span.operation = "f" + std::to_string(random.below(9));
            span.track = 0;
            span.lane = std::uint16_t(open.size());
            span.start = now;
            span.parent = open.empty() ? -1 : open.back().span;
            open.push_back({int(spans.size()), now});
            spans.push_back(span);
        } else if (!open.empty()) {
            Span &span = spans[std::size_t(open.back().span)];
            span.duration = now - span.start;
            span.self += span.duration;
            if (span.parent >= 0)
                spans[std::size_t(span.parent)].self -= span.duration;
            open.pop_back();
        }
        now += 1 + random.below(10);
    }
    return spans;
}

} // namespace

class TestCallTree : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pathsOfSpans();
    void selectionSkipsLevels();
    void parallelChildren();
    void asyncHangsBeside();
    void unknownDurations();
    void parentCycles();
    void deepStacks();
    void selfAddsUpToTheRoot();
    void bottomUpKeepsSelf();
    void bottomUpOfRecursion();
    void flatCountsRecursionOnce();
    void fullTree();
    void storedProfile();
    void missingProfile();
    void sameTwice();
};

void TestCallTree::pathsOfSpans()
{
    const auto columns = spanfixture::build(smallTrace(), {spanfixture::service("shop")});
    const auto tree = spanCallTree(*columns, {}, {});
    QVERIFY(tree.has_value());
    QCOMPARE(print(**tree),
        std::string("all 0/100\n"
                    "  root[shop] 10/100 x1\n"
                    "    a[shop] 30/60 x1\n"
                    "      b[shop] 30/30 x2\n"
                    "    c[shop] 30/30 x1\n"));
    checkLinks(**tree);
    const CallTree::Node &b
        = (*tree)->nodes[(*tree)->nodes[(*tree)->nodes[(*tree)->nodes[0].firstChild].firstChild].firstChild];
    QCOMPARE(columns->start[b.exampleRow], 0); // the longer of the two
    QCOMPARE(b.depth, std::uint16_t(3));
}

void TestCallTree::selectionSkipsLevels()
{
    const auto columns = spanfixture::build(smallTrace(), {spanfixture::service("")});
    auto filter = std::make_shared<SpanBitmap>(columns->size());
    for (std::uint32_t row = 0; row < columns->size(); ++row) {
        const std::string &name = columns->operations[columns->operation[row]];
        filter->set(row, name == "root" || name == "b");
    }
    SpanSelection selection;
    selection.filter = filter;
    // What the selection leaves out still lies inside: root keeps its length.
    QCOMPARE(print(**spanCallTree(*columns, selection, {})),
        std::string("all 0/100\n"
                    "  root 10/100 x1\n"
                    "    b 30/30 x2\n"));
    selection = {};
    selection.range = TimeRange{25, 1000};
    QCOMPARE(print(**spanCallTree(*columns, selection, {})),
        std::string("all 0/40\n"
                    "  c 30/30 x1\n"
                    "  b 10/10 x1\n"));
}

void TestCallTree::parallelChildren()
{
    const auto columns
        = spanfixture::build({{"root", 0, 0, 0, 10, 0}, {"x", 0, 1, 0, 10, 10, 0}, {"y", 0, 2, 0, 10, 10, 0}},
            {spanfixture::service("")});
    // Work side by side: the children add up to more than the parent lasted, and must fit into it to be
    // drawn.
    QCOMPARE(print(**spanCallTree(*columns, {}, {})),
        std::string("all 0/20\n  root 0/20 x1\n    x 10/10 x1\n    y 10/10 x1\n"));
}

void TestCallTree::asyncHangsBeside()
{
    std::vector<Span> spans{{"root", 0, 0, 0, 10'000'000, 10'000'000},
        {"fire", 0, 1, 0, 5'000'000, 5'000'000, 0, SpanKind::Async},
        {"late", 0, 1, 9'000'000, 5'000'000, 5'000'000, 0},
        {"skewed", 0, 1, 9'500'000, 1'000'000, 1'000'000, 0}, {"below", 0, 2, 9'500'000, 100, 100, 2}};
    const auto columns = spanfixture::build(spans, {spanfixture::service("")});
    QCOMPARE(print(**spanCallTree(*columns, {}, {})),
        std::string("all 0/21000100\n"
                    "  root 10000000/11000000 x1\n"
                    "    skewed 1000000/1000000 x1\n"
                    "  late 5000000/5000100 x1\n"
                    "    below 100/100 x1\n"
                    "  fire 5000000/5000000 x1\n"));
    spans[1].kind = SpanKind::Consumer;
    spans[0].kind = SpanKind::Producer;
    QVERIFY(
        print(**spanCallTree(*spanfixture::build(spans, {spanfixture::service("")}), {}, {})).find("\n  fire")
        != std::string::npos);
}

void TestCallTree::unknownDurations()
{
    const auto columns
        = spanfixture::build({{"open", 0, 0, 0, kUnknownNanos, kUnknownNanos}, {"x", 0, 1, 5, 10, 10, 0}},
            {spanfixture::service("")});
    QCOMPARE(print(**spanCallTree(*columns, {}, {})),
        std::string("all 0/10\n  open 0/10 x1\n    x 10/10 x1\n"));
}

void TestCallTree::parentCycles()
{
    auto columns = spanfixture::build({{"a", 0, 0, 0, 10, 10}, {"b", 0, 1, 0, 10, 10}, {"c", 0, 2, 0, 5, 5}},
        {spanfixture::service("")});
    columns->parent = {1, 0, 2}; // a <-> b, c its own parent
    const auto tree = spanCallTree(*columns, {}, {});
    QVERIFY(tree.has_value());
    QCOMPARE(sumOfSelf(**tree), 25.0);
    columns->parent = {77, kNoRow, 1}; // and one that points nowhere
    QCOMPARE(sumOfSelf(**spanCallTree(*columns, {}, {})), 25.0);
}

void TestCallTree::deepStacks()
{
    std::vector<Span> spans;
    constexpr int kDeep = 100'000;
    for (int i = 0; i < kDeep; ++i)
        spans.push_back({"f", 0, std::uint16_t(std::min(i, 60'000)), i, kDeep - i, 1, i - 1});
    const auto columns = spanfixture::build(spans, {spanfixture::service("")});
    const auto tree = spanCallTree(*columns, {}, {});
    QVERIFY(tree.has_value());
    QCOMPARE((*tree)->nodes.size(), std::size_t(kDeep) + 1);
    QCOMPARE((*tree)->nodes.back().depth, std::uint16_t(65'535));
    QCOMPARE(sumOfSelf(**tree), double(kDeep));
    const auto flat = flatProfile(**tree);
    QCOMPARE(flat.size(), std::size_t(1));
    QCOMPARE(flat[0].total, double(kDeep));
}

void TestCallTree::selfAddsUpToTheRoot()
{
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const std::vector<Span> spans = randomCalls(seed, 500);
        const auto columns = spanfixture::build(spans, {spanfixture::service("")});
        const auto tree = spanCallTree(*columns, {}, {});
        double roots = 0;
        for (const Span &span : spans)
            roots += span.parent < 0 ? double(span.duration) : 0;
        QCOMPARE(sumOfSelf(**tree), roots);
        QCOMPARE((*tree)->nodes[0].total, roots);
        checkLinks(**tree);
        for (std::uint32_t i = 1; i < (*tree)->nodes.size(); ++i) {
            double inside = (*tree)->nodes[i].self;
            for (std::uint32_t child = (*tree)->nodes[i].firstChild; child != 0;
                 child = (*tree)->nodes[child].nextSibling)
                inside += (*tree)->nodes[child].total;
            QCOMPARE((*tree)->nodes[i].total, inside);
        }
    }
}

void TestCallTree::bottomUpKeepsSelf()
{
    const auto columns = spanfixture::build(smallTrace(), {spanfixture::service("")});
    const auto tree = *spanCallTree(*columns, {}, {});
    QCOMPARE(print(*bottomUp(*tree, {})),
        std::string("all 0/100\n"
                    "  a 30/30 x1\n"
                    "    root 0/30 x1\n"
                    "  b 30/30 x2\n"
                    "    a 0/30 x2\n"
                    "      root 0/30 x2\n"
                    "  c 30/30 x1\n"
                    "    root 0/30 x1\n"
                    "  root 10/10 x1\n"));
    for (std::uint64_t seed = 20; seed < 26; ++seed) {
        const auto random
            = *spanCallTree(*spanfixture::build(randomCalls(seed, 400), {spanfixture::service("")}), {}, {});
        const auto inverted = bottomUp(*random, {});
        QCOMPARE(sumOfSelf(*inverted), sumOfSelf(*random));
        QCOMPARE(inverted->nodes[0].total, random->nodes[0].total);
        checkLinks(*inverted);
        // The first level is the flat profile.
        std::map<std::string, double> self;
        for (const FlatEntry &entry : flatProfile(*random))
            self[random->names[entry.name]] = entry.self;
        for (std::uint32_t child = inverted->nodes[0].firstChild; child != 0;
             child = inverted->nodes[child].nextSibling)
            QCOMPARE(inverted->nodes[child].self, self[inverted->names[inverted->nodes[child].name]]);
    }
}

void TestCallTree::bottomUpOfRecursion()
{
    const auto columns
        = spanfixture::build({{"f", 0, 0, 0, 10, 2}, {"f", 0, 1, 0, 8, 3, 0}, {"f", 0, 2, 0, 5, 5, 1}},
            {spanfixture::service("")});
    QCOMPARE(print(*bottomUp(**spanCallTree(*columns, {}, {}), {})),
        std::string("all 0/10\n  f 10/10 x3\n    f 0/8 x2\n      f 0/5 x1\n"));
}

void TestCallTree::flatCountsRecursionOnce()
{
    const auto columns
        = spanfixture::build({{"f", 0, 0, 0, 10, 2}, {"g", 0, 1, 0, 8, 3, 0}, {"f", 0, 2, 0, 5, 5, 1}},
            {spanfixture::service("")});
    const auto tree = *spanCallTree(*columns, {}, {});
    const auto flat = flatProfile(*tree);
    QCOMPARE(flat.size(), std::size_t(2));
    QCOMPARE(tree->names[flat[0].name], std::string("f"));
    QCOMPARE(flat[0].self, 7.0);
    QCOMPARE(flat[0].total, 10.0);
    QCOMPARE(flat[0].count, 2);
    QCOMPARE(flat[1].total, 8.0);
    QVERIFY(flatProfile(CallTree()).empty());
}

void TestCallTree::fullTree()
{
    CallTreeBuilder builder(3);
    const std::uint32_t a = builder.child(0, builder.name("a"), 0);
    const std::uint32_t b = builder.child(a, builder.name("b"), 0);
    QCOMPARE(builder.child(a, builder.name("c"), 0), a);
    QCOMPARE(builder.child(a, builder.name("b"), 0), b);
    builder.tree().nodes[a].self += 4;
    builder.tree().nodes[b].self += 2;
    const auto tree = builder.finish(CallTreeBuilder::Totals::FromSelf);
    QCOMPARE(tree->droppedNodes, 1);
    QCOMPARE(tree->nodes[0].total, 6.0);
    QCOMPARE(tree->nodes.size(), std::size_t(3));
}

void TestCallTree::storedProfile()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    auto writer = store::BulkWriter::create(**workspace, {"stacks.txt", "collapsed", std::nullopt}, {});
    QVERIFY(writer.has_value());
    SourceInfo info;
    info.kind = SourceKind::Profile;
    (*writer)->setSource(info);
    ProfileRow head;
    head.name = "cpu";
    head.sampleType = "cpu";
    head.unit = "ms";
    const ProfileRef profile = (*writer)->profile(head);
    const auto frame = [&](std::string_view function, std::string_view module) {
        return (*writer)->frame({function, module, {}, 0});
    };
    const auto mainNode = (*writer)->callNode(profile, CallNodeRef::None, frame("main", "app"));
    const auto work = (*writer)->callNode(profile, mainNode, frame("work", "app"));
    const auto read = (*writer)->callNode(profile, work, frame("read", "libc"));
    const auto nameless = (*writer)->callNode(profile, mainNode, frame("", ""));
    const auto sample = [&](CallNodeRef node, Nanos ts, double weight, std::int64_t count) {
        SampleRow row;
        row.profile = profile;
        row.node = node;
        row.tsNs = ts;
        row.weight = weight;
        row.count = count;
        (*writer)->sample(row);
    };
    sample(work, 100, 5, 1);
    sample(read, 200, 7, 2);
    sample(read, 300, 1, 1);
    sample(nameless, 400, 2, 1);
    QVERIFY((*writer)->finish({}).has_value());

    const auto tree = profileCallTree(**workspace, 1, std::nullopt, {});
    QVERIFY2(tree.has_value(), tree ? "" : tree.error().toText().c_str());
    QCOMPARE((*tree)->unit, std::string("ms"));
    QCOMPARE(print(**tree),
        std::string("all 0/15\n"
                    "  main[app] 0/15\n"
                    "    work[app] 5/13 x1\n"
                    "      read[libc] 8/8 x3\n"
                    "    [unknown] 2/2 x1\n"));
    const auto part = profileCallTree(**workspace, 1, TimeRange{150, 300}, {});
    QVERIFY(part.has_value());
    QCOMPARE((*part)->nodes[0].total, 7.0);
    QCOMPARE(sumOfSelf(**part), 7.0);
}

void TestCallTree::missingProfile()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    const auto tree = profileCallTree(**workspace, 42, std::nullopt, {});
    QVERIFY(!tree);
    QCOMPARE(tree.error().code, ErrorCode::NotFound);
}

void TestCallTree::sameTwice()
{
    const auto columns = spanfixture::randomColumns(3, 5000);
    const auto a = *spanCallTree(*columns, {}, {}), b = *spanCallTree(*columns, {}, {});
    QCOMPARE(print(*a), print(*b));
    QCOMPARE(print(*bottomUp(*a, {})), print(*bottomUp(*b, {})));
    CancelToken cancel;
    cancel.cancel();
    QVERIFY(!spanCallTree(*columns, {}, cancel));
}

QTEST_GUILESS_MAIN(TestCallTree)
#include "tst_calltree.moc"
