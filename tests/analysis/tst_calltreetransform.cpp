// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Transforms of call trees against the slow way: every stack changed as a list of names.
#include "analysis/calltreetransform.h"

#include "analysis/calltreebuilder.h"
#include "spanfixture.h"
#include "treetext.h"

#include <QTest>

#include <functional>
#include <optional>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using Kind = TreeTransform::Kind;

namespace {

struct Stack
{
    std::vector<FrameKey> frames; // outermost first
    double self = 0;
    std::int64_t count = 0;
};
using Stacks = std::vector<Stack>;

std::shared_ptr<const CallTree> treeOf(const Stacks &stacks)
{
    CallTreeBuilder builder;
    for (const Stack &stack : stacks) {
        std::uint32_t at = 0;
        for (const FrameKey &frame : stack.frames)
            at = builder.child(at, builder.name(frame.name), builder.group(frame.group));
        builder.tree().nodes[at].self += stack.self;
        builder.tree().nodes[at].count += stack.count;
    }
    return builder.finish(CallTreeBuilder::Totals::FromSelf);
}

Stacks randomStacks(std::uint64_t seed, int count)
{
    Random random(seed);
    Stacks stacks;
    for (int i = 0; i < count; ++i) {
        Stack stack;
        for (int depth = int(random.below(9)); depth >= 0; --depth) {
            const auto f = random.below(5);
            stack.frames.push_back({"f" + std::to_string(f), f < 3 ? "app" : "lib"});
        }
        stack.self = double(1 + random.below(20));
        stack.count = 1 + random.below(3);
        stacks.push_back(stack);
    }
    return stacks;
}

const FrameKey kFrame{"f1", "app"};

std::size_t firstOf(const std::vector<FrameKey> &frames, const FrameKey &frame)
{
    return std::size_t(std::find(frames.begin(), frames.end(), frame) - frames.begin());
}

std::optional<std::vector<FrameKey>> slowly(const TreeTransform &t, std::vector<FrameKey> frames)
{
    const std::size_t first = firstOf(frames, t.frame);
    const bool has = first < frames.size();
    const bool onPath
        = frames.size() >= t.path.size() && std::equal(t.path.begin(), t.path.end(), frames.begin());
    std::vector<FrameKey> out;
    switch (t.kind) {
    case Kind::FocusFunction:
        if (!has)
            return std::nullopt;
        return std::vector<FrameKey>(frames.begin() + std::ptrdiff_t(first), frames.end());
    case Kind::FocusSubtree:
        if (!onPath)
            return std::nullopt;
        return std::vector<FrameKey>(frames.begin() + std::ptrdiff_t(t.path.size()) - 1, frames.end());
    case Kind::FocusTail:
        if (frames.size() < t.path.size() || !std::equal(t.path.begin(), t.path.end(), frames.rbegin()))
            return std::nullopt;
        frames.resize(frames.size() - t.path.size() + 1);
        return frames;
    case Kind::MergeFunction:
        std::erase(frames, t.frame);
        return frames;
    case Kind::MergeNode:
        if (onPath)
            frames.erase(frames.begin() + std::ptrdiff_t(t.path.size()) - 1);
        return frames;
    case Kind::DropFunction:
        return has ? std::nullopt : std::optional(frames);
    case Kind::CollapseFunction:
        if (has)
            frames.resize(first + 1);
        return frames;
    case Kind::CollapseGroup:
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (frames[i].group != t.frame.group)
                out.push_back(frames[i]);
            else if (i == 0 || frames[i - 1].group != t.frame.group)
                out.push_back({t.frame.group, t.frame.group});
        }
        return out;
    case Kind::CollapseRecursion: {
        const auto last = std::find(frames.rbegin(), frames.rend(), t.frame);
        if (has) {
            out.assign(frames.begin(), frames.begin() + std::ptrdiff_t(first));
            out.insert(out.end(), last.base() - 1, frames.end());
            return out;
        }
        return frames;
    }
    case Kind::CollapseDirectRecursion:
        for (const FrameKey &frame : frames) {
            if (out.empty() || frame != t.frame || out.back() != t.frame)
                out.push_back(frame);
        }
        return out;
    }
    return std::nullopt;
}

Stacks slowly(const TreeTransform &transform, const Stacks &stacks)
{
    Stacks out;
    for (const Stack &stack : stacks) {
        if (const auto frames = slowly(transform, stack.frames))
            out.push_back({*frames, stack.self, stack.count});
    }
    return out;
}

double sumOf(const Stacks &stacks)
{
    double sum = 0;
    for (const Stack &stack : stacks)
        sum += stack.self;
    return sum;
}

std::vector<TreeTransform> allKinds(const Stacks &stacks, Random &random)
{
    const auto &some = stacks[std::size_t(random.below(std::int64_t(stacks.size())))].frames;
    std::vector<FrameKey> head(some.begin(), some.begin() + 1 + random.below(std::int64_t(some.size())));
    std::vector<FrameKey> tail(some.rbegin(), some.rbegin() + 1 + random.below(std::int64_t(some.size())));
    std::vector<TreeTransform> transforms;
    for (const Kind kind :
        {Kind::FocusFunction, Kind::MergeFunction, Kind::DropFunction, Kind::CollapseFunction,
            Kind::CollapseGroup, Kind::CollapseRecursion, Kind::CollapseDirectRecursion})
        transforms.push_back({kind, kFrame, {}});
    transforms.push_back({Kind::FocusSubtree, {}, head});
    transforms.push_back({Kind::MergeNode, {}, head});
    transforms.push_back({Kind::FocusTail, {}, tail});
    return transforms;
}

} // namespace

class TestCallTreeTransform : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsTheSlowWay();
    void stacksOfTransforms();
    void knownAnswers();
    void spansKeepWhatAFilterHides();
    void unknownFramesChangeNothing();
    void callersAndCalleesAgree();
    void idsOfKinds();
    void cancels();
};

void TestCallTreeTransform::equalsTheSlowWay()
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Stacks stacks = randomStacks(seed, 60);
        const auto tree = treeOf(stacks);
        Random random(seed * 77);
        for (const TreeTransform &transform : allKinds(stacks, random)) {
            const auto fast = transformed(*tree, transform, {});
            const Stacks expected = slowly(transform, stacks);
            const std::string id(transformId(transform.kind));
            QCOMPARE(id + "\n" + treetext::print(*fast), id + "\n" + treetext::print(*treeOf(expected)));
            QCOMPARE(fast->nodes[0].total, sumOf(expected));
            if (transform.keepsWeight())
                QCOMPARE(fast->nodes[0].total, tree->nodes[0].total);
            treetext::checkLinks(*fast);
        }
    }
}

void TestCallTreeTransform::stacksOfTransforms()
{
    for (std::uint64_t seed = 50; seed < 60; ++seed) {
        Stacks stacks = randomStacks(seed, 80);
        const auto tree = treeOf(stacks);
        const std::vector<TreeTransform> steps{{Kind::CollapseRecursion, kFrame, {}},
            {Kind::MergeFunction, {"f4", "lib"}, {}}, {Kind::FocusFunction, {"f0", "app"}, {}},
            {Kind::CollapseGroup, {"", "lib"}, {}}, {Kind::DropFunction, {"f2", "app"}, {}}};
        for (const TreeTransform &step : steps)
            stacks = slowly(step, stacks);
        const auto fast = transformed(tree, steps, {});
        QCOMPARE(treetext::print(*fast), treetext::print(*treeOf(stacks)));
        // The inverted picture comes last and keeps every own weight.
        QCOMPARE(treetext::sumOfSelf(*bottomUp(*fast, {})), sumOf(stacks));
        QVERIFY(transformed(tree, std::vector<TreeTransform>(), {}) == tree);
    }
}

void TestCallTreeTransform::knownAnswers()
{
    // main > parse > read (3), main > parse > parse > read (4), main > write (5), parse (2)
    const FrameKey main{"main", "app"}, parse{"parse", "app"}, read{"read", "libc"}, write{"write", "libc"};
    const auto tree = treeOf({{{main, parse, read}, 3, 3}, {{main, parse, parse, read}, 4, 4},
        {{main, write}, 5, 5}, {{parse}, 2, 2}});
    const auto text = [&](Kind kind, const FrameKey &frame) {
        return treetext::print(*transformed(*tree, {kind, frame, {}}, {}));
    };
    QCOMPARE(text(Kind::FocusFunction, parse),
        std::string("all 0/9\n"
                    "  parse[app] 2/9 x2\n"
                    "    parse[app] 0/4\n"
                    "      read[libc] 4/4 x4\n"
                    "    read[libc] 3/3 x3\n"));
    QCOMPARE(text(Kind::MergeFunction, parse),
        std::string("all 2/14 x2\n"
                    "  main[app] 0/12\n"
                    "    read[libc] 7/7 x7\n"
                    "    write[libc] 5/5 x5\n"));
    QCOMPARE(text(Kind::DropFunction, parse),
        std::string("all 0/5\n  main[app] 0/5\n    write[libc] 5/5 x5\n"));
    QCOMPARE(text(Kind::CollapseRecursion, parse),
        std::string("all 0/14\n"
                    "  main[app] 0/12\n"
                    "    parse[app] 0/7\n"
                    "      read[libc] 7/7 x7\n"
                    "    write[libc] 5/5 x5\n"
                    "  parse[app] 2/2 x2\n"));
    QCOMPARE(text(Kind::CollapseGroup, {"", "app"}),
        std::string("all 0/14\n"
                    "  app[app] 2/14 x2\n"
                    "    read[libc] 7/7 x7\n"
                    "    write[libc] 5/5 x5\n"));
    QCOMPARE(treetext::print(*transformed(*tree, {Kind::FocusTail, {}, {read, parse}}, {})),
        std::string("all 0/7\n"
                    "  main[app] 0/7\n"
                    "    parse[app] 3/7 x3\n"
                    "      parse[app] 4/4 x4\n"));
}

void TestCallTreeTransform::spansKeepWhatAFilterHides()
{
    // root lasts 100 of which 10 self and 30 in b; the other 60 belong to spans that a filter hides.
    const auto columns = spanfixture::build({{"root", 0, 0, 0, 100, 10}, {"a", 0, 1, 0, 60, 30, 0},
                                                {"b", 0, 2, 0, 20, 20, 1}, {"b", 0, 2, 30, 10, 10, 1}},
        {spanfixture::service("")});
    auto filter = std::make_shared<SpanBitmap>(columns->size());
    for (std::uint32_t row = 0; row < columns->size(); ++row)
        filter->set(row, columns->operations[columns->operation[row]] != "a");
    SpanSelection selection;
    selection.filter = filter;
    const auto tree = *spanCallTree(*columns, selection, {});
    const auto merged = transformed(*tree, {Kind::MergeFunction, {"b", ""}, {}}, {});
    // b's time is root's now, but its two spans are not spans of root.
    QCOMPARE(treetext::print(*merged), std::string("all 0/100\n  root 40/100 x1\n"));
    const auto focused = transformed(*tree, {Kind::FocusFunction, {"b", ""}, {}}, {});
    QCOMPARE(treetext::print(*focused), std::string("all 0/30\n  b 30/30 x2\n"));
    QVERIFY(focused->nodes[1].exampleRow != kNoRow);
}

void TestCallTreeTransform::unknownFramesChangeNothing()
{
    const auto tree = treeOf(randomStacks(7, 30));
    const FrameKey gone{"gone", "nowhere"};
    for (const Kind kind : {Kind::MergeFunction, Kind::DropFunction, Kind::CollapseFunction,
             Kind::CollapseGroup, Kind::CollapseRecursion, Kind::CollapseDirectRecursion})
        QCOMPARE(treetext::print(*transformed(*tree, {kind, gone, {}}, {})), treetext::print(*tree));
    for (const Kind kind : {Kind::FocusFunction, Kind::FocusSubtree, Kind::FocusTail})
        QCOMPARE(transformed(*tree, {kind, gone, {gone}}, {})->nodes.size(), std::size_t(1));
    QCOMPARE(transformed(CallTree(), {Kind::FocusFunction, gone, {}}, {})->nodes.size(), std::size_t(1));
}

void TestCallTreeTransform::callersAndCalleesAgree()
{
    for (std::uint64_t seed = 90; seed < 100; ++seed) {
        const Stacks stacks = randomStacks(seed, 80);
        const auto tree = treeOf(stacks);
        const auto callers = callersOf(*tree, kFrame, {});
        const auto callees = transformed(*tree, {Kind::FocusFunction, kFrame, {}}, {});
        QCOMPARE(callers->nodes[0].total, callees->nodes[0].total);
        // The slow way: what is above the outermost frame, turned round.
        Stacks turned;
        for (const Stack &stack : stacks) {
            const std::size_t first = firstOf(stack.frames, kFrame);
            if (first < stack.frames.size())
                turned.push_back(
                    {{stack.frames.rend() - std::ptrdiff_t(first) - 1, stack.frames.rend()}, stack.self, 0});
        }
        const auto expected = treeOf(turned);
        QCOMPARE(callers->nodes.size(), expected->nodes.size());
        QCOMPARE(treetext::totals(*callers), treetext::totals(*expected));
    }
}

void TestCallTreeTransform::idsOfKinds()
{
    for (int kind = 0; kind <= int(Kind::CollapseDirectRecursion); ++kind)
        QCOMPARE(transformKind(transformId(Kind(kind))), std::optional(Kind(kind)));
    QVERIFY(!transformKind("nonsense"));
}

void TestCallTreeTransform::cancels()
{
    CancelToken cancelled;
    cancelled.cancel();
    std::vector<TreeTransform> steps(2, {Kind::MergeFunction, kFrame, {}});
    CallTreeBuilder builder;
    std::uint32_t at = 0;
    for (int i = 0; i < 70'000; ++i)
        at = builder.child(at, builder.name("f"), 0);
    builder.tree().nodes[at].self = 1;
    QVERIFY(!transformed(builder.finish(CallTreeBuilder::Totals::FromSelf), steps, cancelled));
}

QTEST_GUILESS_MAIN(TestCallTreeTransform)
#include "tst_calltreetransform.moc"
