// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/heapprofile/heapprofile.h"

#include "import/common/jsonkeys.h"
#include "import/common/nestedtree.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

constexpr FormatDescriptor kDescriptor{
    "heapprofile",
    "V8 heap profile",
    "*.heapprofile",
    SourceKind::Profile,
    "Written by Node.js (--heap-prof) and by Chrome's developer tools (allocation sampling).",
};

void takeCallFrame(JsonPull &pull, NestedTree::Open &open)
{
    if (pull.next() != Token::ObjectStart)
        return pull.skip();
    while (pull.next() == Token::Key) {
        const std::string_view key = pull.text();
        if (key == "functionName")
            open.function = pullText(pull);
        else if (key == "url")
            open.file = pullText(pull);
        else if (key == "lineNumber")
            // Counted from 0; -1 is unknown.
            open.line = std::max<std::int64_t>(saturatingAdd(pullInteger(pull).value_or(-1), 1), 0);
        else
            pull.skip();
    }
    open.mergeIfZero = open.function == "(root)";
    if (open.function.empty())
        open.function = "(anonymous)";
}

bool takeField(std::string_view key, JsonPull &pull, NestedTree::Open &open)
{
    if (key == "callFrame") {
        takeCallFrame(pull, open);
    } else if (key == "selfSize") {
        open.value = pullNumber(pull).value_or(0);
        open.hasValue = true;
    } else {
        return false;
    }
    return true;
}

class HeapProfileReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        SourceInfo info;
        info.kind = SourceKind::Profile;
        info.clock = ClockKind::None;
        sink.setSource(info);
        JsonPull pull(source);
        NestedTree tree(NestedTree::Values::Own, {"children"}, takeField);
        if (pull.next() == Token::ObjectStart) {
            while (pull.next() == Token::Key) {
                if (pull.text() != "head" || !tree.nodes().empty())
                    pull.skip();
                else if (pull.next() == Token::ObjectStart)
                    tree.read(pull, sink, report);
                else
                    pull.skip();
            }
        }
        const bool found = !tree.nodes().empty();
        if (found) {
            ProfileRow row;
            row.name = "heap profile";
            row.kind = ProfileKind::Alloc;
            row.sampleType = "bytes in use";
            row.unit = "bytes";
            tree.emit(sink, sink.profile(row), 1);
        }
        return finishDocument(pull, source, found, "it has no \"head\"",
            "A heap profile of V8 is a JSON object whose \"head\" is the root of the tree of calls", report);
    }
};

class HeapProfileImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool head = false, frame = false, size = false;
        while (scan.next(key)) {
            head |= key.depth == 1 && key.name == "head" && key.valueStart == '{';
            frame |= head && key.depth == 2 && key.name == "callFrame";
            size |= head && key.depth >= 2 && key.name == "selfSize";
            if (frame && size)
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<HeapProfileReader>();
    }
};

} // namespace

const Importer &heapProfileImporter()
{
    static const HeapProfileImporter importer;
    return importer;
}

} // namespace tailscope::import
