// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/columnmapdialog.h"

#include "base/text.h"
#include "import/bytesource.h"
#include "import/csvtable/columnmaps.h"
#include "import/importer.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>

namespace tailscope::app {

namespace {

using import::EpochUnit;
using import::csvtable::ColumnMap;
using import::csvtable::recordTarget;
using import::csvtable::recordTargets;
using import::csvtable::TablePreview;

QString opt(const char *name) { return QString::fromLatin1(name); }
QString text(std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); }

constexpr int kSampleValues = 3;

// Roles as the combo boxes keep them; any other is a column of the table that rows are mapped to.
const char *const kIgnore = "";
const char *const kTime = "@time";
const char *const kSeries = "@series";
const char *const kLabel = "@label";
const char *const kMetric = "@metric";
const char *const kValue = "@value";

} // namespace

ColumnMapDialog::ColumnMapDialog(const QString &file, QWidget *parent)
    : QDialog(parent)
    , m_file(file)
    , m_message(new QLabel(this))
    , m_delimiter(new QComboBox(this))
    , m_target(new QComboBox(this))
    , m_timeUnit(new QComboBox(this))
    , m_header(new QCheckBox(tr("The first row has the &names of the columns"), this))
    , m_skip(new QSpinBox(this))
    , m_pattern(new QLineEdit(this))
    , m_table(new QTableWidget(this))
{
    setWindowTitle(tr("Columns of %1").arg(file.section(QLatin1Char('/'), -1)));
    resize(980, 620);
    createLayout();
    m_message->setText(tr("Reading the first rows…"));
    const std::filesystem::path path(file.toStdString());
    m_jobs.start<std::string>(
        this, {},
        [path](const Progress &progress) -> Result<std::string> {
            auto source = import::FileSource::open(path, progress);
            if (!source)
                return tl::unexpected(source.error());
            const auto head = (*source)->peek(import::kSniffBytes);
            if (!head)
                return tl::unexpected(head.error());
            return std::string(*head);
        },
        [this](const Result<std::string> &head) { showHead(head); });
    check();
}

void ColumnMapDialog::createLayout()
{
    m_delimiter->addItem(tr("Found by the header"), QString());
    m_delimiter->addItem(tr("Comma"), opt(","));
    m_delimiter->addItem(tr("Semicolon"), opt(";"));
    m_delimiter->addItem(tr("Tab"), opt("\t"));
    m_delimiter->addItem(tr("Bar"), opt("|"));
    m_target->addItem(tr("Series: one a column"), opt("@wide"));
    m_target->addItem(tr("Series: one value a row"), opt("@long"));
    for (const auto &target : recordTargets())
        m_target->addItem(tr("Rows of %1").arg(text(target.name)), text(target.name));
    m_timeUnit->addItem(tr("By their size"), -1);
    m_timeUnit->addItem(tr("Seconds"), int(EpochUnit::Seconds));
    m_timeUnit->addItem(tr("Milliseconds"), int(EpochUnit::Millis));
    m_timeUnit->addItem(tr("Microseconds"), int(EpochUnit::Micros));
    m_timeUnit->addItem(tr("Nanoseconds"), int(EpochUnit::Nanos));
    m_pattern->setPlaceholderText(tr("not needed for 2026-03-02 12:00:00; else like %d.%m.%Y %H:%M:%S"));
    m_skip->setRange(0, 1000);
    m_header->setChecked(true);
    auto *form = new QFormLayout;
    form->addRow(tr("&Become:"), m_target);
    form->addRow(tr("&Separated by:"), m_delimiter);
    form->addRow(tr("Lines in &front:"), m_skip);
    form->addRow({}, m_header);
    form->addRow(tr("&Pattern of times:"), m_pattern);
    form->addRow(tr("Times that are n&umbers:"), m_timeUnit);
    m_table->setColumnCount(ColumnCount);
    m_table->setHorizontalHeaderLabels(
        {tr("Column"), tr("First values"), tr("Is"), tr("Metric"), tr("Unit"), tr("Kind"), tr("Times")});
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(Values, QHeaderView::Stretch);
    m_table->setAccessibleName(tr("Columns and what they mean"));
    m_message->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_ok = buttons->addButton(tr("Use"), QDialogButtonBox::AcceptRole);
    auto *load = buttons->addButton(tr("&Load Map…"), QDialogButtonBox::ActionRole);
    m_save = buttons->addButton(tr("Sa&ve Map…"), QDialogButtonBox::ActionRole);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_message);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(load, &QPushButton::clicked, this, &ColumnMapDialog::load);
    connect(m_save, &QPushButton::clicked, this, &ColumnMapDialog::save);
    const auto again = [this] {
        if (!m_isFilling)
            readPreview();
    };
    connect(m_delimiter, &QComboBox::currentIndexChanged, this, again);
    connect(m_header, &QCheckBox::toggled, this, again);
    connect(m_skip, &QSpinBox::valueChanged, this, again);
    connect(m_target, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_isFilling)
            fillTable();
    });
    connect(m_pattern, &QLineEdit::textChanged, this, &ColumnMapDialog::check);
    connect(m_timeUnit, &QComboBox::currentIndexChanged, this, &ColumnMapDialog::check);
    connect(m_table, &QTableWidget::cellChanged, this, [this] {
        if (!m_isFilling)
            check();
    });
}

void ColumnMapDialog::showHead(const Result<std::string> &head)
{
    if (!head) {
        m_message->setText(QString::fromStdString(head.error().toText()));
        return;
    }
    m_head = head->empty() ? std::string("\n") : *head; // empty: not read yet
    const auto preview = TablePreview::read(m_head);
    std::optional<ColumnMap> start
        = preview ? import::csvtable::rememberedMap(preview->headerLine) : std::nullopt;
    if (!start && preview)
        start = import::csvtable::guessMap(*preview);
    if (!start && preview) {
        start.emplace();
        start->hasHeader = preview->hasHeader;
    }
    setMap(start.value_or(ColumnMap()));
}

void ColumnMapDialog::setMap(const ColumnMap &map)
{
    m_isFilling = true;
    m_start = map;
    m_delimiter->setCurrentIndex(
        std::max(0, m_delimiter->findData(map.delimiter ? QString(QLatin1Char(*map.delimiter)) : QString())));
    m_header->setChecked(map.hasHeader);
    m_skip->setValue(int(map.skipLines));
    m_pattern->setText(QString::fromStdString(map.timePattern));
    m_timeUnit->setCurrentIndex(m_timeUnit->findData(map.timeUnit ? int(*map.timeUnit) : -1));
    const QString target = !map.table.empty() ? QString::fromStdString(map.table)
        : map.metricColumn.empty()            ? opt("@wide")
                                              : opt("@long");
    m_target->setCurrentIndex(std::max(0, m_target->findData(target)));
    m_isFilling = false;
    readPreview();
}

void ColumnMapDialog::readPreview()
{
    ColumnMap asked;
    const QString delimiter = m_delimiter->currentData().toString();
    if (!delimiter.isEmpty())
        asked.delimiter = delimiter.at(0).toLatin1();
    asked.hasHeader = m_header->isChecked();
    asked.skipLines = std::size_t(m_skip->value());
    m_preview = TablePreview::read(m_head, &asked);
    fillTable();
}

bool ColumnMapDialog::mapsToTable() const
{
    return recordTarget(m_target->currentData().toString().toStdString());
}

void ColumnMapDialog::fillTable()
{
    m_isFilling = true;
    m_table->setRowCount(m_preview ? int(m_preview->columns.size()) : 0);
    for (int row = 0; row < m_table->rowCount(); ++row)
        fillRow(row);
    const bool isWide = m_target->currentData() == opt("@wide");
    for (const int column : {int(Metric), int(Unit), int(Kind), int(Scale)})
        m_table->setColumnHidden(column, !isWide);
    m_table->resizeColumnToContents(Name);
    m_table->resizeColumnToContents(Role);
    m_isFilling = false;
    check();
}

void ColumnMapDialog::fillRow(int row)
{
    const std::string &name = m_preview->columns[std::size_t(row)];
    // Not indexOf(): it goes over all columns, and this is asked for each column of the map in each row.
    const std::string own = toLowerAscii(name);
    const auto isColumn = [&](const std::string &column) {
        return column.starts_with('#') ? m_preview->indexOf(column) == row
                                       : toLowerAscii(trimmed(column)) == own;
    };
    const auto among = [&](const std::vector<std::string> &names) {
        return std::any_of(names.begin(), names.end(), isColumn);
    };
    QStringList values;
    for (const auto &cells : m_preview->rows) {
        if (std::size_t(row) < cells.size() && values.size() < kSampleValues)
            values << QString::fromStdString(cells[std::size_t(row)]);
    }
    const auto fixed = [this, row](int column, const QString &content) {
        auto *item = new QTableWidgetItem(content);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        item->setToolTip(content);
        m_table->setItem(row, column, item);
    };
    fixed(Name, QString::fromStdString(name));
    fixed(Values, values.join(opt(" · ")));
    auto *role = new QComboBox(m_table);
    role->setAccessibleName(tr("What %1 is").arg(QString::fromStdString(name)));
    role->addItem(tr("ignored"), opt(kIgnore));
    role->addItem(tr("time"), opt(kTime));
    const QString target = m_target->currentData().toString();
    if (const auto *table = recordTarget(target.toStdString())) {
        for (const auto &column : table->columns)
            role->addItem(text(column.name), text(column.name));
    } else if (target == opt("@long")) {
        role->addItem(tr("name of the metric"), opt(kMetric));
        role->addItem(tr("value"), opt(kValue));
        role->addItem(tr("label"), opt(kLabel));
    } else {
        role->addItem(tr("series"), opt(kSeries));
        role->addItem(tr("label"), opt(kLabel));
    }
    m_table->setCellWidget(row, Role, role);
    ColumnMap::Series series{name, name, {}, SeriesKind::Gauge, 1};
    bool isNamed = false;
    for (const ColumnMap::Series &one : m_start.series) {
        if (isColumn(one.column)) {
            series = one;
            isNamed = true;
        }
    }
    QString is = opt(kIgnore);
    if (isColumn(m_start.timeColumn))
        is = opt(kTime);
    else if (const auto field = std::find_if(m_start.fields.begin(), m_start.fields.end(),
                 [&](const auto &f) { return isColumn(f.second); });
             field != m_start.fields.end())
        is = QString::fromStdString(field->first);
    else if (isColumn(m_start.metricColumn))
        is = opt(kMetric);
    else if (isColumn(m_start.valueColumn))
        is = opt(kValue);
    else if (among(m_start.labels))
        is = opt(kLabel);
    else if (isNamed || (m_start.otherColumns && !among(m_start.ignored)))
        is = opt(kSeries);
    role->setCurrentIndex(std::max(0, role->findData(is)));
    m_table->setItem(row, Metric, new QTableWidgetItem(QString::fromStdString(series.metric)));
    m_table->setItem(row, Unit, new QTableWidgetItem(QString::fromStdString(series.unit)));
    auto *kind = new QComboBox(m_table);
    kind->addItem(tr("gauge"), int(SeriesKind::Gauge));
    kind->addItem(tr("counter"), int(SeriesKind::Counter));
    kind->addItem(tr("delta"), int(SeriesKind::Delta));
    kind->setAccessibleName(tr("Kind of %1").arg(QString::fromStdString(name)));
    kind->setCurrentIndex(std::max(0, kind->findData(int(series.kind))));
    m_table->setCellWidget(row, Kind, kind);
    m_table->setItem(row, Scale, new QTableWidgetItem(QString::number(series.scale, 'g', 15)));
    connect(role, &QComboBox::currentIndexChanged, this, [this, row] {
        updateRow(row);
        check();
    });
    updateRow(row);
}

QComboBox *ColumnMapDialog::roleBox(int row) const
{
    return qobject_cast<QComboBox *>(m_table->cellWidget(row, Role));
}

/// Only a series has a name, unit and scale of its own.
void ColumnMapDialog::updateRow(int row)
{
    const bool isSeries = roleBox(row)->currentData() == opt(kSeries);
    const bool wasFilling = std::exchange(m_isFilling, true);
    for (const int column : {int(Metric), int(Unit), int(Scale)}) {
        if (QTableWidgetItem *item = m_table->item(row, column))
            item->setFlags(
                isSeries ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable : Qt::NoItemFlags);
    }
    if (QWidget *kind = m_table->cellWidget(row, Kind))
        kind->setEnabled(isSeries);
    m_isFilling = wasFilling;
}

ColumnMap ColumnMapDialog::map() const
{
    ColumnMap map;
    if (!m_preview)
        return map;
    map.delimiter = m_preview->delimiter;
    map.hasHeader = m_header->isChecked();
    map.skipLines = std::size_t(m_skip->value());
    map.timePattern = m_pattern->text().trimmed().toStdString();
    if (m_timeUnit->currentData().toInt() >= 0)
        map.timeUnit = EpochUnit(m_timeUnit->currentData().toInt());
    map.otherColumns = false;
    map.service = m_start.service;
    map.instance = m_start.instance;
    if (mapsToTable()) {
        map.table = m_target->currentData().toString().toStdString();
        if (map.table == m_start.table)
            map.constants = m_start.constants;
    }
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const std::string &name = m_preview->columns[std::size_t(row)];
        const QString role = roleBox(row)->currentData().toString();
        if (role == opt(kTime)) {
            map.timeColumn = name;
        } else if (role == opt(kLabel)) {
            map.labels.push_back(name);
        } else if (role == opt(kMetric)) {
            map.metricColumn = name;
        } else if (role == opt(kValue)) {
            map.valueColumn = name;
        } else if (role == opt(kSeries)) {
            const auto *kind = qobject_cast<QComboBox *>(m_table->cellWidget(row, Kind));
            map.series.push_back({name, m_table->item(row, Metric)->text().trimmed().toStdString(),
                m_table->item(row, Unit)->text().trimmed().toStdString(),
                SeriesKind(kind->currentData().toInt()), m_table->item(row, Scale)->text().toDouble()});
        } else if (!role.isEmpty()) {
            map.fields[role.toStdString()] = name;
        }
    }
    return map;
}

QString ColumnMapDialog::problem() const
{
    if (!m_preview)
        return m_head.empty() ? tr("Reading the first rows…")
                              : tr("This separator makes no columns of the first lines.");
    QHash<QString, int> roles;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const QString role = roleBox(row)->currentData().toString();
        ++roles[role];
        if (role != opt(kSeries))
            continue;
        bool isNumber = false;
        const double scale = m_table->item(row, Scale)->text().toDouble(&isNumber);
        if (!isNumber || !qIsFinite(scale) || scale == 0)
            return tr("“%1” is no factor for the values of %2.")
                .arg(m_table->item(row, Scale)->text(), m_table->item(row, Name)->text());
    }
    if (roles.value(opt(kTime)) != 1)
        return tr("Exactly one column must be the time.");
    const QString target = m_target->currentData().toString();
    if (target == opt("@long") && (roles.value(opt(kMetric)) != 1 || roles.value(opt(kValue)) != 1))
        return tr("One column must name the metric, one must have the value.");
    if (target == opt("@wide") && roles.value(opt(kSeries)) == 0)
        return tr("At least one column must be a series.");
    if (mapsToTable()) {
        int mapped = 0;
        for (auto role = roles.cbegin(); role != roles.cend(); ++role) {
            if (role.key().isEmpty() || role.key() == opt(kTime))
                continue;
            if (role.value() > 1)
                return tr("Two columns are “%1”.").arg(role.key());
            ++mapped;
        }
        if (mapped == 0)
            return tr("At least one column must be mapped.");
    }
    return {};
}

QString ColumnMapDialog::summary() const
{
    const ColumnMap map = this->map();
    const int time = m_preview->indexOf(map.timeColumn);
    qsizetype readable = 0, all = 0;
    for (const auto &row : m_preview->rows) {
        if (std::size_t(time) >= row.size())
            continue;
        ++all;
        const std::string &cell = row[std::size_t(time)];
        const auto iso = map.timePattern.empty() ? std::optional(cell)
                                                 : import::csvtable::isoTime(cell, map.timePattern);
        readable += iso && (parseTimestamp(*iso) || parseDouble(*iso)) ? 1 : 0;
    }
    return tr("%1 of the first %2 rows have a readable time.").arg(readable).arg(all);
}

void ColumnMapDialog::check()
{
    const QString trouble = problem();
    m_message->setText(trouble.isEmpty() ? summary() : trouble);
    m_ok->setEnabled(trouble.isEmpty());
    m_save->setEnabled(trouble.isEmpty());
}

void ColumnMapDialog::load()
{
    const QString path
        = QFileDialog::getOpenFileName(this, tr("Load Column Map"), QString(), tr("Column maps (*.toml)"));
    if (path.isEmpty())
        return;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_message->setText(file.errorString());
        return;
    }
    const auto map = ColumnMap::parse(file.read(1 << 20).toStdString(), path.toStdString());
    if (map)
        setMap(*map);
    else
        m_message->setText(QString::fromStdString(map.error().toText()));
}

void ColumnMapDialog::save()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save Column Map"), opt("columns.toml"),
        tr("Column maps (*.toml)"));
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    const std::string toml = map().toToml();
    if (!file.open(QIODevice::WriteOnly) || file.write(toml.data(), qint64(toml.size())) < 0
        || !file.commit())
        m_message->setText(file.errorString());
}

} // namespace tailscope::app
