// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/filterfields.h"
#include "analysis/rowscan.h"
#include "base/text.h"

#include <QRegularExpression>
#include <QString>

#include <limits>

namespace tailscope::analysis {

namespace {

using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

// One text comparison, prepared once for many distinct texts.
class TextTest
{
public:
    TextTest(const FilterTerm &term, const CancelToken &cancel)
        : m_cancel(cancel)
        , m_op(term.op)
        , m_text(term.op == Op::Contains ? toLowerAscii(term.text) : term.text)
    {
        if (m_op == Op::Match)
            m_expression.setPattern(QString::fromUtf8(term.text.data(), qsizetype(term.text.size())));
    }
    bool operator()(const std::string &text) const
    {
        if (m_cancel.isCancelled()) // an expression may take long on each of a million names
            return false;
        switch (m_op) {
        case Op::Match:
            return m_expression.match(QString::fromUtf8(text.data(), qsizetype(text.size()))).hasMatch();
        case Op::Contains:
            return toLowerAscii(text).find(m_text) != std::string::npos;
        default:
            return text == m_text;
        }
    }

private:
    const CancelToken &m_cancel;
    Op m_op;
    std::string m_text;
    QRegularExpression m_expression;
};

struct NumberTest
{
    std::int64_t first = 0, last = 0;
    bool opposite = false;
    bool operator()(std::int64_t value) const { return ((value >= first) & (value <= last)) != opposite; }
};

std::vector<NumberTest> numberTests(const Filter &filter, Field field)
{
    std::vector<NumberTest> tests;
    for (const FilterTerm &term : filter.terms) {
        if (term.field != field)
            continue;
        const auto [first, last] = filterInterval(term);
        tests.push_back({first, last, isOpposite(term)});
    }
    return tests;
}

const std::string &trackText(const TrackInfo &track, Field field)
{
    switch (field) {
    case Field::Instance:
        return track.instance;
    case Field::Process:
        return track.process;
    case Field::Thread:
        return track.thread;
    default:
        return track.service;
    }
}

// The filter taken apart: what depends on the operation or the track alone is decided once for each of them;
// a bare word passes by either, so it becomes a bit that the two may supply.
class Evaluation
{
public:
    Evaluation(const SpanColumns &columns, const Filter &filter, const Progress &progress)
        : m_columns(columns)
        , m_progress(progress)
        , m_duration(numberTests(filter, Field::Duration))
        , m_self(numberTests(filter, Field::Self))
        , m_depth(numberTests(filter, Field::Depth))
        , m_trace(numberTests(filter, Field::Trace))
        , m_http(numberTests(filter, Field::Http))
        , m_operationPass(columns.operations.size(), 1)
        , m_trackPass(columns.tracks.size(), 1)
        , m_kindPass(256, 1)
        , m_statusPass(256, 1)
    {
        for (const FilterTerm &term : filter.terms)
            prepare(term);
    }

    void run(SpanBitmap &bitmap)
    {
        const std::size_t words = bitmap.words().size();
        const int parts = m_columns.size() > 65'536 ? 2 : 1;
        runParts(parts, [&](int part) {
            const std::size_t half = words / std::size_t(parts);
            const std::size_t first = part == 0 ? 0 : half;
            const std::size_t last = part + 1 == parts ? words : half;
            fillWords(bitmap, first, last);
        });
    }

private:
    void prepare(const FilterTerm &term)
    {
        const bool opposite = isOpposite(term);
        switch (term.field) {
        case Field::Text:
            prepareWord(term);
            break;
        case Field::Operation: {
            const TextTest test(term, m_progress.cancel);
            for (std::size_t i = 0; i < m_operationPass.size(); ++i)
                m_operationPass[i] &= test(m_columns.operations[i]) != opposite ? 1 : 0;
            break;
        }
        case Field::Service:
        case Field::Instance:
        case Field::Process:
        case Field::Thread: {
            const TextTest test(term, m_progress.cancel);
            for (std::size_t i = 0; i < m_trackPass.size(); ++i)
                m_trackPass[i] &= test(trackText(m_columns.tracks[i], term.field)) != opposite ? 1 : 0;
            break;
        }
        case Field::Source: {
            const auto [first, last] = filterInterval(term);
            const NumberTest test{first, last, opposite};
            for (std::size_t i = 0; i < m_trackPass.size(); ++i)
                m_trackPass[i] &= test(m_columns.tracks[i].sourceId) ? 1 : 0;
            break;
        }
        case Field::Kind:
        case Field::Status: {
            auto &pass = term.field == Field::Kind ? m_kindPass : m_statusPass;
            for (std::size_t i = 0; i < pass.size(); ++i)
                pass[i] &= (std::int64_t(i) == term.number) != opposite ? 1 : 0;
            break;
        }
        case Field::Http:
        case Field::Duration:
        case Field::Self:
        case Field::Depth:
        case Field::Trace:
            break; // numberTests()
        }
    }

    void prepareWord(const FilterTerm &term)
    {
        const TextTest test(term, m_progress.cancel);
        std::vector<std::uint8_t> byOperation, byTrack;
        for (const std::string &operation : m_columns.operations)
            byOperation.push_back(test(operation) ? 1 : 0);
        for (const TrackInfo &track : m_columns.tracks)
            byTrack.push_back(test(track.service) ? 1 : 0);
        if (term.negated) { // neither may hold it
            for (std::size_t i = 0; i < byOperation.size(); ++i)
                m_operationPass[i] &= byOperation[i] ^ 1;
            for (std::size_t i = 0; i < byTrack.size(); ++i)
                m_trackPass[i] &= byTrack[i] ^ 1;
        } else {
            m_words.push_back({std::move(byOperation), std::move(byTrack)});
        }
    }

    bool passesNumbers(std::size_t row) const
    {
        const auto all = [](const std::vector<NumberTest> &tests, std::int64_t value) {
            for (const NumberTest &test : tests) {
                if (!test(value))
                    return false;
            }
            return true;
        };
        return all(m_duration, m_columns.duration[row]) && all(m_self, m_columns.self[row])
            && all(m_depth, m_columns.depth[row]) && all(m_http, httpOf(row))
            && (m_trace.empty() || all(m_trace, traceOf(row)));
    }

    std::int64_t traceOf(std::size_t row) const
    {
        const std::uint32_t trace = m_columns.trace[row];
        return trace < m_columns.traceIds.size() ? m_columns.traceIds[trace] : -1;
    }

    // An unknown status is 0 in the columns and passes no comparison.
    std::int64_t httpOf(std::size_t row) const
    {
        return m_columns.httpStatus[row] == 0 ? -1 : m_columns.httpStatus[row];
    }

    bool passesWords(std::size_t row) const
    {
        for (const Word &word : m_words) {
            if ((word.byOperation[m_columns.operation[row]] | word.byTrack[m_columns.track[row]]) == 0)
                return false;
        }
        return true;
    }

    void fillWords(SpanBitmap &bitmap, std::size_t first, std::size_t last) const
    {
        const bool hasNumbers
            = !(m_duration.empty() && m_self.empty() && m_depth.empty() && m_trace.empty() && m_http.empty());
        for (std::size_t w = first; w < last; ++w) {
            if (w % 4096 == 0 && m_progress.isCancelled())
                return;
            const std::size_t begin = w * 64;
            const std::size_t end = std::min(begin + 64, bitmap.rows());
            std::uint64_t bits = 0;
            for (std::size_t row = begin; row < end; ++row) {
                const auto pass = std::uint64_t(m_operationPass[m_columns.operation[row]]
                    & m_trackPass[m_columns.track[row]] & m_kindPass[m_columns.kind[row]]
                    & m_statusPass[m_columns.status[row]]);
                bits |= pass << (row - begin);
            }
            if (hasNumbers || !m_words.empty())
                bits = refine(bits, begin, hasNumbers);
            bitmap.words()[w] = bits;
        }
    }

    // Looks closer at the rows that passed so far.
    std::uint64_t refine(std::uint64_t bits, std::size_t begin, bool hasNumbers) const
    {
        for (std::uint64_t rest = bits; rest != 0; rest &= rest - 1) {
            const auto bit = std::size_t(std::countr_zero(rest));
            if (!passesWords(begin + bit) || (hasNumbers && !passesNumbers(begin + bit)))
                bits &= ~(std::uint64_t(1) << bit);
        }
        return bits;
    }

    struct Word
    {
        std::vector<std::uint8_t> byOperation, byTrack;
    };
    const SpanColumns &m_columns;
    const Progress &m_progress;
    std::vector<NumberTest> m_duration, m_self, m_depth, m_trace, m_http;
    std::vector<std::uint8_t> m_operationPass, m_trackPass, m_kindPass, m_statusPass;
    std::vector<Word> m_words;
};

} // namespace

Result<std::shared_ptr<const SpanBitmap>> evaluateFilter(const SpanColumns &columns, const Filter &filter,
    const Progress &progress)
{
    if (filter.isEmpty())
        return std::shared_ptr<const SpanBitmap>();
    auto bitmap = std::make_shared<SpanBitmap>(columns.size());
    Evaluation(columns, filter, progress).run(*bitmap);
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, "filter", "the evaluation was cancelled", "Set the filter again.");
    return std::shared_ptr<const SpanBitmap>(std::move(bitmap));
}

} // namespace tailscope::analysis
