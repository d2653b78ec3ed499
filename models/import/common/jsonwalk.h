// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonframer.h"
#include "import/importreport.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::import {

/// Walks the containers of JSON documents (one, one a line, an array) whose records are framed one by one, so
/// that a document may be of any size. What does not close is reported with its place. The caller decides how
/// deep it walks: nothing here follows the input's own nesting.
class JsonWalk
{
public:
    enum class Step {
        Done,
        Broken, ///< not as it must be at the cursor; the rest of the line or document is lost
        LineEnded, ///< the same, and the cursor is at the start of the next line already
        InputEnded,
    };

    JsonWalk(ByteSource &source, ImportReport &report)
        : m_framer(source)
        , m_report(report)
    {}
    JsonFramer &framer() { return m_framer; }

    /// The value at the cursor as one record, named `what` in the report when it does not close.
    Step record(JsonFramer::Record &record, std::string_view what);
    /// Passes the value at the cursor by.
    Step skip();
    /// Elements of the array at the cursor; element(first byte) -> Step is called at each value. What is no
    /// array is passed by.
    template<typename Element>
    Step array(Element &&element)
    {
        if (m_framer.peek() != '[')
            return skip();
        m_framer.take();
        for (;;) {
            const int c = m_framer.peekPast(',');
            if (lineEnded())
                return Step::LineEnded;
            if (c == ']')
                return m_framer.take(), Step::Done;
            if (c == -1)
                return Step::InputEnded;
            if (c == '}' || c == ':')
                return Step::Broken;
            const Step step = element(c);
            if (step != Step::Done)
                return step;
        }
    }
    /// Members of the object at the cursor; member(key) -> Step is called at each value.
    template<typename Member>
    Step object(Member &&member)
    {
        m_framer.take();
        std::string key;
        for (;;) {
            const int c = m_framer.peekPast(',');
            if (lineEnded())
                return Step::LineEnded;
            if (c == '}')
                return m_framer.take(), Step::Done;
            if (c != '"')
                return c == -1 ? Step::InputEnded : Step::Broken;
            Step step = takeKey(key);
            if (step == Step::Done)
                step = member(std::string_view(key));
            if (step != Step::Done)
                return step;
        }
    }

    /// Before a document, and after it: false when there is nothing more to read.
    void beginDocument();
    /// rows: what the reader calls them in the message about a cut file.
    bool endDocument(Step step, std::int64_t rowsBefore, std::string_view rows = "spans");
    /// Every document is a line: one that runs over a line end is broken there.
    bool isOneLine() const { return m_oneLine; }

private:
    JsonFramer::LineRule lineRule() const
    {
        return m_oneLine ? JsonFramer::LineRule::OneLine : JsonFramer::LineRule::Any;
    }
    bool lineEnded();
    Step takeKey(std::string &key);

    JsonFramer m_framer;
    ImportReport &m_report;
    std::uint64_t m_start = 0; ///< of the document
    bool m_oneLine = false;
    bool m_documentHasLineEnd = false;
};

/// A record as one line: no string of JSON holds a line end, and one between its tokens is a blank.
std::string jsonOnOneLine(std::string_view record);

} // namespace tailscope::import
