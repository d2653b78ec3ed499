// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracegen_base.h"

namespace tracegen {

enum class SpanRole : std::uint8_t { Server, Call, Database, Internal };

struct SpanFrame
{
    SpanRole role = SpanRole::Server;
    std::uint32_t service = 0, operation = 0;
    std::uint64_t id = 0;
    Nanos start = 0, end = 0, cursor = 0;
};

// Traces of 5 to 60 spans over twelve services. A line holds up to 100 spans of one service, so the spans of
// a trace lie on several lines, as a collector's file exporter leaves them.
class OtlpWriter
{
public:
    OtlpWriter(Output &out, std::uint64_t count, std::uint64_t seed)
        : m_out(out)
        , m_left(count)
        , m_random(seed)
    {}
    void run()
    {
        while (m_left > 0 && m_out.good())
            trace();
        for (std::uint32_t service = 0; service < kServiceCount; ++service)
            endLine(service);
    }

private:
    struct Batch
    {
        Text text;
        int spans = 0;
    };
    static constexpr int kSpansPerLine = 100;
    static constexpr Nanos kLeastRoom = 20 * kMicro;

    void trace()
    {
        m_traceHigh = m_random.next();
        m_traceLow = m_random.next() | 1;
        m_clock += m_random.between(100 * kMicro, 3 * kMilli);
        int wanted = 5 + int(m_random.below(14));
        if (m_random.chance(150))
            wanted += int(m_random.below(42));
        const Nanos duration = std::max(m_random.latency(40 * kMilli), 2 * kMilli);
        const std::uint32_t operation = m_random.below(20);
        m_stack.clear();
        push({SpanRole::Server, 0, operation, 0, m_clock, m_clock + duration, m_clock}, 0);
        for (int spans = 1; spans < wanted && m_left > 0 && !m_stack.empty();) {
            if (descend())
                ++spans;
            else
                m_stack.pop_back();
        }
    }

    // Adds a child to the innermost open span; false = it takes no (more) children.
    bool descend()
    {
        SpanFrame &top = m_stack.back();
        const Nanos room = top.end - top.cursor;
        if (top.role == SpanRole::Database || m_stack.size() >= 12 || room < kLeastRoom)
            return false;
        const std::uint64_t parent = top.id;
        if (top.role
            == SpanRole::Call) { // the other side of the call: the network takes a little on both ends
            const Nanos network = std::min<Nanos>(room / 10, 400 * kMicro);
            const std::uint32_t service = 1 + (top.operation * 7 + top.service * 5) % (kServiceCount - 1);
            const SpanFrame server{SpanRole::Server, service, top.operation, 0, top.cursor + network,
                top.end - network, top.cursor + network};
            top.cursor = top.end;
            push(server, parent);
            return true;
        }
        if (m_stack.size() > 1 && m_random.chance(250))
            return false;
        const std::uint32_t pick = m_random.below(100);
        SpanFrame child;
        child.role = pick < 35 ? SpanRole::Call : pick < 70 ? SpanRole::Database : SpanRole::Internal;
        child.service = top.service;
        child.operation = (top.operation * 3 + m_random.below(4)) % 20;
        child.start = child.cursor = top.cursor + m_random.between(0, room / 20);
        child.end = child.start + (top.end - child.start) * m_random.between(5, 40) / 100;
        if (!m_random.chance(100)) // else the next child runs beside this one
            top.cursor = child.end;
        push(child, parent);
        return true;
    }

    void push(SpanFrame frame, std::uint64_t parent)
    {
        frame.id = m_random.next() | 1;
        write(frame, parent);
        m_stack.push_back(frame);
        --m_left;
    }

    void write(const SpanFrame &frame, std::uint64_t parent)
    {
        Batch &batch = m_batches[frame.service];
        Text &text = batch.text;
        if (batch.spans == 0)
            beginLine(text, frame.service);
        else
            text << ",";
        static constexpr std::array<std::string_view, 4> kKinds{"2", "3", "3", "1"};
        text << R"({"traceId":")";
        text.hex(m_traceHigh, 16).hex(m_traceLow, 16) << R"(","spanId":")";
        text.hex(frame.id, 16);
        if (parent != 0) {
            text << R"(","parentSpanId":")";
            text.hex(parent, 16);
        }
        const bool failed = m_random.chance(10);
        text << R"(","name":")";
        name(text, frame);
        text << R"(","kind":)" << kKinds[std::size_t(frame.role)] << R"(,"startTimeUnixNano":")";
        text.number(std::uint64_t(frame.start)) << R"(","endTimeUnixNano":")";
        text.number(std::uint64_t(frame.end)) << R"(","attributes":[)";
        attributes(text, frame, failed);
        text << (failed ? R"(],"status":{"code":2,"message":"failed"}})" : R"(],"status":{}})");
        if (++batch.spans == kSpansPerLine)
            endLine(frame.service);
    }

    static constexpr std::array<std::string_view, 20> kNouns{
        "orders",
        "order",
        "items",
        "item",
        "stock",
        "price",
        "prices",
        "user",
        "users",
        "cart",
        "carts",
        "refund",
        "refunds",
        "invoice",
        "shipment",
        "coupon",
        "review",
        "search",
        "session",
        "report",
    };

    static void name(Text &text, const SpanFrame &frame)
    {
        const std::string_view noun = kNouns[frame.operation];
        switch (frame.role) {
        case SpanRole::Server:
            text << (frame.operation % 4 == 0 ? "POST /v1/" : "GET /v1/") << noun;
            break;
        case SpanRole::Call:
            text << (frame.operation % 4 == 0 ? "POST" : "GET");
            break;
        case SpanRole::Database:
            text << "SELECT " << noun;
            break;
        case SpanRole::Internal:
            text << noun << ".prepare";
            break;
        }
    }

    void attributes(Text &text, const SpanFrame &frame, bool failed)
    {
        const std::string_view noun = kNouns[frame.operation];
        switch (frame.role) {
        case SpanRole::Server:
            text << R"({"key":"http.route","value":{"stringValue":"/v1/)" << noun << R"("}},)";
            status(text, failed);
            break;
        case SpanRole::Call:
            status(text, failed);
            break;
        case SpanRole::Database:
            text << R"({"key":"db.system.name","value":{"stringValue":"postgresql"}},)"
                 << R"({"key":"db.query.text","value":{"stringValue":"SELECT * FROM )" << noun
                 << R"( WHERE id = $1"}})";
            break;
        case SpanRole::Internal:
            text << R"({"key":"app.batch","value":{"intValue":")";
            text.number(1 + m_random.below(500)) << "\"}}";
            break;
        }
    }

    static void status(Text &text, bool failed)
    {
        text << R"({"key":"http.response.status_code","value":{"intValue":")" << (failed ? "503" : "200")
             << "\"}}";
    }

    static void beginLine(Text &text, std::uint32_t service)
    {
        text << R"({"resourceSpans":[{"resource":{"attributes":[)"
             << R"({"key":"service.name","value":{"stringValue":")" << kServices[service]
             << R"("}},{"key":"service.instance.id","value":{"stringValue":")" << kServices[service]
             << R"(-1"}}]},"scopeSpans":[{"scope":{"name":"bench"},"spans":[)";
    }

    void endLine(std::uint32_t service)
    {
        Batch &batch = m_batches[service];
        if (batch.spans == 0)
            return;
        batch.text << "]}]}]}\n";
        m_out.text() << batch.text.data();
        batch.text.data().clear();
        batch.spans = 0;
    }

    Output &m_out;
    std::uint64_t m_left;
    Random m_random;
    std::uint64_t m_traceHigh = 0, m_traceLow = 0;
    Nanos m_clock = kEpoch;
    std::vector<SpanFrame> m_stack;
    std::array<Batch, kServiceCount> m_batches;
};

} // namespace tracegen
