// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the calls of one parent are: gathered by start, described by columns and texts. The groups are in
// callgroups.cpp.
#include "analysis/callgroups.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "GET /users/17" and "GET /users/18" are one operation of a tracer that puts values into names.
std::string operationTemplate(std::string_view operation)
{
    std::string out;
    bool isFirst = true;
    for (const std::string_view segment : split(operation, '/')) {
        if (!isFirst)
            out += '/';
        isFirst = false;
        const bool isValue = std::any_of(segment.begin(), segment.end(), isDigit)
            && segment.find(' ') == std::string_view::npos;
        out += isValue ? std::string_view("{}") : segment;
    }
    return out;
}

bool isFailedHttp(std::uint16_t status) { return status >= 500 || status == 429 || status == 408; }

} // namespace

CallGrouper::CallGrouper(const SpanColumns &columns, const CallGroupOptions &options)
    : m_columns(columns)
    , m_options(options)
    , m_services(1)
    , m_operations(columns.operations.size())
{
    m_serviceOfTrack.reserve(columns.tracks.size());
    for (const TrackInfo &track : columns.tracks)
        m_serviceOfTrack.push_back(internHost(track.service));
}

std::uint32_t CallGrouper::internHost(const std::string &host)
{
    if (host.empty())
        return 0;
    const auto [at, isNew] = m_serviceIndex.try_emplace(host, std::uint32_t(m_services.size()));
    if (isNew)
        m_services.push_back(host);
    return at->second;
}

const CallGrouper::Operation &CallGrouper::operationOf(const TraceSpans &trace, std::uint32_t i)
{
    const std::uint32_t index = m_columns.operation[trace.row[i]];
    Operation &operation = m_operations[index];
    if (operation.isKnown)
        return operation;
    const std::string &text = m_columns.operations[index];
    operation.isKnown = true;
    operation.name = callName(text);
    operation.key = index;
    if (text.find('/') != std::string::npos && std::any_of(text.begin(), text.end(), isDigit))
        operation.key = m_templates.try_emplace(operationTemplate(text), index).first->second;
    return operation;
}

bool CallGrouper::isCall(const TraceSpans &trace, std::uint32_t i)
{
    const std::uint32_t parent = trace.parent[i];
    if (parent == kNoRow || trace.isAsync[i] != 0)
        return false;
    const auto kind = SpanKind(m_columns.kind[trace.row[i]]);
    if (kind == SpanKind::Client)
        return true;
    if (kind == SpanKind::Producer || kind == SpanKind::Consumer || kind == SpanKind::Async)
        return false;
    if (SpanKind(m_columns.kind[trace.row[parent]]) == SpanKind::Client) {
        // The server's side of the parent: a call of its own only when there are several (retries below
        // what the tracer sees).
        const std::uint32_t first = trace.firstChild[parent];
        return kind == SpanKind::Server && (first != i || trace.nextSibling[i] != kNoRow);
    }
    if (kind == SpanKind::Server)
        return true;
    const std::uint32_t service = serviceOf(trace, i);
    return (service != 0 && service != serviceOf(trace, parent))
        || operationOf(trace, i).name == CallName::Statement;
}

void CallGrouper::textCandidates(const TraceSpans &trace, std::vector<std::uint32_t> &rows, std::size_t limit)
{
    const std::size_t most = rows.size() + limit;
    for (std::uint32_t parent = 0; parent < trace.size() && rows.size() < most; ++parent) {
        const std::size_t before = rows.size();
        std::uint32_t calls = 0;
        for (std::uint32_t c = trace.firstChild[parent]; c != kNoRow && calls < m_options.callsPerParent;
             c = trace.nextSibling[c]) {
            if (trace.duration[c] == kUnknownNanos || !isCall(trace, c))
                continue;
            ++calls;
            if (rows.size() < most)
                rows.push_back(trace.row[c]);
        }
        if (calls < 2)
            rows.resize(before);
    }
}

std::uint32_t CallGrouper::calleeOf(const TraceSpans &trace, std::uint32_t i, const CallText *text,
    const CallTexts &texts)
{
    const std::uint32_t own = serviceOf(trace, i), above = serviceOf(trace, trace.parent[i]);
    if (own != above)
        return own;
    for (std::uint32_t c = trace.firstChild[i]; c != kNoRow; c = trace.nextSibling[c]) {
        const std::uint32_t service = serviceOf(trace, c);
        if (service != 0 && service != own)
            return service;
    }
    return text ? internHost(texts.name(text->peer)) : 0;
}

CallGrouper::Call CallGrouper::describe(const TraceSpans &trace, const CallTexts &texts, std::uint32_t i)
{
    const std::uint32_t row = trace.row[i];
    const CallText *text = texts.find(row);
    const Operation operation = operationOf(trace, i);
    Call call;
    call.local = i;
    call.start = trace.start[i];
    call.end = trace.endOf(i);
    call.callee = calleeOf(trace, i, text, texts);
    call.isOrdered = isOrdered(operation.name);
    // A name known by its text; without one the operation, and what stands in its place in a path.
    if (text && text->identity != 0) {
        call.identity = (std::uint64_t(1) << 32) + text->identity;
    } else {
        call.identity = operation.key;
        if (operation.key != m_columns.operation[row] || m_templates.size() > 0) {
            const std::string &name = m_columns.operations[m_columns.operation[row]];
            if (name.find('/') != std::string::npos && std::any_of(name.begin(), name.end(), isDigit))
                call.value = hash64(name);
        }
    }
    if (text && text->value != 0)
        call.value = text->value;
    call.isCache = (text && namesCache(texts.name(text->system))) || namesCache(m_services[call.callee]);
    const std::uint16_t http = m_columns.httpStatus[row];
    call.hasFailed = isFailedHttp(http) || (text && text->isTimeout)
        || (SpanStatus(m_columns.status[row]) == SpanStatus::Error && (http == 0 || http >= 500));
    return call;
}

void CallGrouper::gather(const TraceSpans &trace, const CallTexts &texts, std::uint32_t parent)
{
    m_calls.clear();
    for (std::uint32_t c = trace.firstChild[parent]; c != kNoRow && m_calls.size() < m_options.callsPerParent;
         c = trace.nextSibling[c]) {
        if (trace.duration[c] == kUnknownNanos || !isCall(trace, c))
            continue;
        m_calls.push_back(describe(trace, texts, c));
        m_calls.back().order = std::uint32_t(m_calls.size() - 1);
    }
}

std::string CallGrouper::fingerprintOf(const Call &call) const
{
    const std::uint64_t text = std::uint64_t(1) << 32;
    if (call.identity >= text)
        return m_texts->name(std::uint32_t(call.identity - text));
    return m_columns.operations[std::size_t(call.identity)];
}

} // namespace tailscope::analysis
