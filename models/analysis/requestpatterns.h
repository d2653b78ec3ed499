// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/callgroups.h"
#include "analysis/traceanalyses.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Connections set up inside requests, by calling service and host (FB-10).
struct ConnectionSetup
{
    std::string service, host;
    std::int64_t calls = 0, setups = 0, traces = 0, mostPerTrace = 0;
    Nanos setup = 0, dns = kUnknownNanos, connect = kUnknownNanos, tls = kUnknownNanos; ///< P50
    double requestShare = 0; ///< P50 of set-up time / duration of the trace
    std::uint32_t exampleTrace = 0;
};

/// A call to somebody else while a database transaction is open.
struct TransactionCall
{
    std::string service, parentOperation, operation, host;
    std::int64_t transactions = 0, traces = 0;
    Nanos overlap = 0, longest = 0, held = 0, statements = 0; ///< P50 and maximum of overlap; P50
    std::uint32_t exampleTrace = 0;
};

/// Services that wait for each other, from the root of an endpoint to its deepest callee.
struct SyncChain
{
    std::string endpointService, endpointOperation, path;
    std::int64_t depth = 0, deepest = 0, traces = 0;
    std::uint32_t exampleTrace = 0;
};

/// How much of an endpoint's time passes while somebody without spans works.
struct EndpointShare
{
    std::string endpointService, endpointOperation;
    bool isDatabase = false;
    std::string name; ///< host or system; all databases together are one
    std::int64_t traces = 0, examined = 0, calls = 0;
    double share = 0; ///< P50 of the union of the calls / duration of the trace
    Nanos time = 0, callP95 = 0, request = 0; ///< P50 of the union, P95 of a call, P50 of the requests
    std::uint32_t exampleTrace = 0;
};

/// A service and something it calls.
struct ServicePair
{
    std::string caller, callee;
    std::int64_t callerTraces = 0, traces = 0, callers = 0; ///< callers: services that call the callee
    bool hasSpans = true; ///< of the callee
};

/// Attempts that begin when nobody waits for them any more.
struct LateAttempt
{
    std::string service, parentOperation, operation;
    std::int64_t attempts = 0, traces = 0;
    Nanos late = 0, length = 0; ///< P50 of start - end of the parent, and of their own duration
    std::uint32_t exampleTrace = 0;
};

struct RequestPatterns
{
    std::vector<LateAttempt> lateAttempts;
    std::vector<ConnectionSetup> setups;
    std::vector<TransactionCall> transactionCalls;
    std::vector<SyncChain> chains;
    std::vector<EndpointShare> shares;
    std::vector<ServicePair> pairs;
};

/// Examines traces (all, or every k-th of each endpoint where there are more than 150,000 calls). Texts come
/// from `reader`; without one hosts are known by the services below the calls only. One thread.
Result<RequestPatterns> findRequestPatterns(const SpanColumns &columns, const TraceRows &rows,
    store::Database *reader, const CancelToken &cancel);

/// Tables connection_setup, transaction_call, sync_chain, endpoint_share, service_pair, late_attempt.
Result<WriteRows> computeRequestPatterns(const TraceInput &input);

} // namespace tailscope::analysis
