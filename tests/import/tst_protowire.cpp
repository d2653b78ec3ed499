// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/protowire.h"
#include "import/common/stacktrie.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

/// The fields as the stream gives them, "1=7 2=abc", and how it ended.
std::string streamed(const std::string &bytes, std::size_t chunk)
{
    MemorySource source(bytes, "sample", chunk);
    ProtoStream stream(source);
    ProtoField field;
    std::string out;
    while (stream.next(field)) {
        out += std::to_string(field.number) + '=';
        out += field.wire == ProtoField::Wire::Bytes ? std::string(field.bytes) : std::to_string(field.value);
        out += field.tooLong ? "... " : " ";
    }
    if (stream.error())
        out += (stream.cut() ? "cut " : "bad ") + std::to_string(stream.error()->where->offset.value());
    return out;
}

std::string inMemory(const std::string &bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    std::string out;
    while (fields.next(field)) {
        out += std::to_string(field.number) + '=';
        out += field.wire == ProtoField::Wire::Bytes ? std::string(field.bytes) : std::to_string(field.value);
        out += ' ';
    }
    return out + (fields.broken() ? fields.cut() ? "cut" : "bad" : "");
}

} // namespace

class TestProtoWire : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEveryWireType();
    void refusesWhatIsNone();
    void readsAndDropsLongFields();
    void boundsStacks();
};

void TestProtoWire::readsEveryWireType()
{
    const std::string bytes = "\x08\x96\x01"s + "\x12\x03"s + "abc" + "\x1d\x01\x02\x00\x00"s
        + "\x21\x02\x00\x00\x00\x00\x00\x00\x80"s + "\x28\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s;
    const std::string expected = "1=150 2=abc 3=513 4=9223372036854775810 5=18446744073709551615 ";
    for (const std::size_t chunk : {1, 2, 5, 1000})
        QCOMPARE(streamed(bytes, chunk), expected);
    QCOMPARE(inMemory(bytes), expected);
    // Every cut is told as one, none is read past.
    for (std::size_t n = 1; n < bytes.size(); ++n) {
        const std::string cut = bytes.substr(0, n);
        const bool whole = n == 3 || n == 8 || n == 13 || n == 22;
        QCOMPARE(inMemory(cut).ends_with("cut"), !whole);
        QCOMPARE(streamed(cut, 3).find("cut") != std::string::npos, !whole);
    }
}

void TestProtoWire::refusesWhatIsNone()
{
    for (const std::string &bytes :
        {"\x00\x01"s, "\x0b\x01"s, "\x0e\x01"s, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s}) {
        QVERIFY(inMemory(bytes).ends_with("bad"));
        QVERIFY(streamed(bytes, 1).find("bad") != std::string::npos);
    }
    // A length beyond the message.
    QCOMPARE(inMemory("\x0a\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s), "cut"s);
    QCOMPARE(streamed("\x0a\x05"s + "abc", 2), "cut 5"s);
}

void TestProtoWire::readsAndDropsLongFields()
{
    std::string bytes = "\x0a\x81\x80\x80\x08"s; // 16 MiB + 1
    bytes += std::string(16 * 1024 * 1024 + 1, 'x');
    bytes += "\x10\x07"s;
    QCOMPARE(streamed(bytes, 100'000), "1=... 2=7 "s);
    QCOMPARE(streamed(bytes, bytes.size()), "1=... 2=7 "s);
}

void TestProtoWire::boundsStacks()
{
    StackTrie trie;
    StackTrie::Node node = StackTrie::kRoot;
    for (int i = 0; i < 20'000; ++i)
        node = trie.child(node, 1);
    QVERIFY(trie.cut());
    QCOMPARE(trie.size(), std::size_t{StackTrie::kMaxDepth} + 1);
    // Equal heads are one.
    StackTrie heads;
    QCOMPARE(heads.child(heads.child(StackTrie::kRoot, 5), 6),
        heads.child(heads.child(StackTrie::kRoot, 5), 6));
    QVERIFY(heads.child(StackTrie::kRoot, 6) != heads.child(StackTrie::kRoot, 5));
    // Many nodes, found again after the table grew.
    std::vector<StackTrie::Node> nodes;
    for (std::uint32_t i = 0; i < 100'000; ++i)
        nodes.push_back(heads.child(i % 7 == 0 || nodes.empty() ? StackTrie::kRoot : nodes.back(), i));
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        QCOMPARE(heads.frame(nodes[i]), i);
        QCOMPARE(heads.child(heads.parent(nodes[i]), i), nodes[i]);
    }
    QVERIFY(!heads.cut());
}

QTEST_GUILESS_MAIN(TestProtoWire)
#include "tst_protowire.moc"
