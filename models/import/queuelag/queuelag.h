// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What `kafka-consumer-groups --describe` prints. See README.md beside.
const Importer &kafkaGroupsImporter();
/// Depths of queues as a table: lags of Kafka, attributes of SQS, counts of BullMQ and RabbitMQ.
const Importer &queueTableImporter();

} // namespace tailscope::import
