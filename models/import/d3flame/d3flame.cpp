// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/d3flame/d3flame.h"

#include "import/common/jsonkeys.h"
#include "import/common/nestedtree.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

constexpr FormatDescriptor kDescriptor{
    "d3-flame-graph",
    "d3-flame-graph JSON",
    "*.json",
    SourceKind::Profile,
    "Written for d3-flame-graph by stackvis, burn, perf's flamegraph script and many in-house tools.",
};

/// Keys that a node may have: anything else is another format of nested objects.
constexpr std::array<std::string_view, 19> kKnownKeys{"name", "value", "children", "delta", "n", "v", "c",
    "d", "l", "t", "type", "libtype", "id", "color", "colour", "highlight", "fade", "hide", "parent"};

/// Names and values are also written with their first letter.
bool isName(std::string_view key) { return key == "name" || key == "n"; }
bool isValue(std::string_view key) { return key == "value" || key == "v"; }
bool isChildren(std::string_view key) { return key == "children" || key == "c"; }

class D3FlameReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        SourceInfo info;
        info.kind = SourceKind::Profile;
        info.clock = ClockKind::None;
        sink.setSource(info);
        JsonPull pull(source);
        bool named = false, deltas = false;
        NestedTree tree(NestedTree::Values::Inclusive, {"children", "c"},
            [&](std::string_view key, JsonPull &in, NestedTree::Open &open) {
                if (isName(key)) {
                    named = true;
                    open.function = pullText(in);
                } else if (isValue(key)) {
                    const std::optional<double> value = pullNumber(in);
                    open.value = value.value_or(0);
                    open.hasValue = value.has_value();
                    named |= open.hasValue;
                } else if (key == "libtype" || key == "l") {
                    open.module = pullText(in);
                } else {
                    deltas |= key == "delta" || key == "d";
                    return false;
                }
                return true;
            });
        if (pull.next() == Token::ObjectStart)
            tree.read(pull, sink, report);
        // Any object is a tree of one node: one that says nothing is none.
        const bool found = !tree.nodes().empty() && named;
        if (found) {
            ProfileRow row;
            row.name = "flame graph";
            row.sampleType = "value";
            tree.emit(sink, sink.profile(row), 1);
        }
        if (deltas)
            report.note(IssueSeverity::Info, "deltas", 0,
                "the differences (delta) were left out: the weights are the values");
        return finishDocument(pull, source, found, "its nodes have neither a name nor a value",
            "A flame graph of d3-flame-graph is a JSON object with name, value and children", report);
    }
};

class D3FlameImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool name = false, value = false, children = false;
        while (scan.next(key)) {
            if (std::find(kKnownKeys.begin(), kKnownKeys.end(), key.name) == kKnownKeys.end())
                return Confidence::No;
            // Objects in arrays in objects: every second level is a node.
            if (key.depth % 2 == 0)
                return Confidence::No;
            name |= isName(key.name) && key.valueStart == '"';
            value |= isValue(key.name)
                && (key.valueStart == '-' || (key.valueStart >= '0' && key.valueStart <= '9'));
            children |= isChildren(key.name) && key.valueStart == '[';
        }
        return name && value && children ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<D3FlameReader>();
    }
};

} // namespace

const Importer &d3FlameImporter()
{
    static const D3FlameImporter importer;
    return importer;
}

} // namespace tailscope::import
