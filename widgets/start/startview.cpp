// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/startview.h"

#include "items/recentfiles.h"
#include "items/samples.h"
#include "widgets/base/theme.h"

#include <QCommandLinkButton>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {

constexpr int kHelpIndent = 34;

QLabel *heading(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * 1.15);
    font.setBold(true);
    label->setFont(font);
    return label;
}

QCommandLinkButton *link(const QString &icon, const QString &title, const QString &text, QWidget *parent)
{
    auto *button = new QCommandLinkButton(title, text, parent);
    button->setIcon(themedIcon(icon));
    button->setIconSize(QSize(22, 22));
    button->setAccessibleName(title);
    button->setAccessibleDescription(text);
    return button;
}

/// First paragraph of a Markdown text without its heading.
QString firstParagraph(const QString &markdown)
{
    for (const QString &block : markdown.split(QStringLiteral("\n\n"))) {
        const QString text = block.trimmed();
        if (!text.isEmpty() && !text.startsWith(QLatin1Char('#')) && !text.startsWith(QLatin1String("<!--")))
            return text.simplified();
    }
    return {};
}

/// The licence lines of the file are not for the reader.
QString withoutComments(QString markdown)
{
    static const QRegularExpression comment(QStringLiteral("<!--.*?-->\\s*"),
        QRegularExpression::DotMatchesEverythingOption);
    return markdown.remove(comment);
}

} // namespace

StartView::StartView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_recent(new items::RecentFiles(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    outer->addWidget(scroll);
    auto *page = new QWidget(scroll);
    scroll->setWidget(page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(28, 24, 28, 24);
    layout->setSpacing(14);
    auto *title = new QLabel(tr("Tailscope"), page);
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.9);
    font.setBold(true);
    title->setFont(font);
    auto *subtitle = new QLabel(tr("Find out where the time went. Open traces, profiles, execution plans and "
                                   "metrics; everything stays "
                                   "on this machine."),
        page);
    subtitle->setWordWrap(true);
    layout->addWidget(title);
    layout->addWidget(subtitle);
    layout->addWidget(createActions());
    layout->addWidget(createSamples());
    layout->addWidget(createRecent());
    layout->addStretch();
    setAccessibleName(tr("Start"));
}

QWidget *StartView::createActions()
{
    auto *box = new QWidget(this);
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    auto *open = link(QStringLiteral("open"), tr("Open Files…"),
        tr("Traces (OTLP, Chrome, Jaeger, Zipkin), profiles (pprof, speedscope, perf, V8), EXPLAIN, access "
           "logs, "
           "CSV series; also .gz and .zst"),
        box);
    auto *paste = link(QStringLiteral("plan"), tr("Paste a Plan"),
        tr("Copy the output of EXPLAIN anywhere, then press this (Ctrl+Shift+V)"), box);
    auto *drop = new QLabel(tr("…or drop files anywhere in the window."), box);
    connect(open, &QCommandLinkButton::clicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    connect(paste, &QCommandLinkButton::clicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("paste"), {}); });
    auto *attach = link(QStringLiteral("live"), tr("Attach to PostgreSQL…"),
        tr("Watch primary, replicas and PgBouncer, read-only; what is seen is recorded (Ctrl+Shift+A)"), box);
    connect(attach, &QCommandLinkButton::clicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("attach"), {}); });
    grid->addWidget(open, 0, 0);
    grid->addWidget(paste, 0, 1);
    grid->addWidget(attach, 0, 2);
    grid->addWidget(drop, 1, 0, 1, 2);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(2, 1);
    setFocusProxy(open);
    return box;
}

QWidget *StartView::createSamples()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(heading(tr("Samples"), box));
    for (const items::Sample &sample : items::samples()) {
        auto *button = link(QStringLiteral("start"), sample.title, sample.story, box);
        button->setToolTip(firstParagraph(sample.help));
        connect(button, &QCommandLinkButton::clicked, this,
            [this, id = sample.id] { Q_EMIT commandRequested(QStringLiteral("sample"), id); });
        layout->addWidget(button);
        const QString help = firstParagraph(sample.help);
        if (!help.isEmpty()) {
            auto *text = new QLabel(help, box);
            text->setTextFormat(Qt::MarkdownText);
            text->setWordWrap(true);
            text->setIndent(kHelpIndent);
            QPalette colours = text->palette();
            colours.setColor(QPalette::WindowText, Theme(palette()).mutedText());
            text->setPalette(colours);
            layout->addWidget(text);
            auto *more = new QPushButton(tr("More…"), box);
            more->setAccessibleName(tr("More about %1").arg(sample.title));
            more->setToolTip(tr("Read the whole text: what to look at and what to conclude"));
            more->setFlat(true);
            connect(more, &QPushButton::clicked, this,
                [this, title = sample.title, text = sample.help] { showHelp(title, text); });
            auto *row = new QHBoxLayout;
            row->setContentsMargins(kHelpIndent, 0, 0, 0);
            row->addWidget(more);
            row->addStretch();
            layout->addLayout(row);
        }
    }
    return box;
}

void StartView::showHelp(const QString &title, const QString &markdown)
{
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto *layout = new QVBoxLayout(dialog);
    auto *text = new QTextBrowser(dialog);
    text->setMarkdown(withoutComments(markdown));
    text->setAccessibleName(title);
    text->setOpenLinks(false);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    layout->addWidget(text);
    layout->addWidget(buttons);
    const int letter = fontMetrics().averageCharWidth();
    dialog->resize(letter * 90, fontMetrics().height() * 24);
    dialog->open();
    text->setFocus();
}

QWidget *StartView::createRecent()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(heading(tr("Recent"), box));
    const QStringList files = m_recent->files();
    if (files.isEmpty())
        layout->addWidget(new QLabel(tr("Nothing opened yet."), box));
    for (const QString &path : files) {
        auto *button = link(QStringLiteral("source"), path.section(QLatin1Char('/'), -1), path, box);
        button->setEnabled(QFileInfo::exists(path));
        connect(button, &QCommandLinkButton::clicked, this,
            [this, path] { Q_EMIT commandRequested(QStringLiteral("open-path"), path); });
        layout->addWidget(button);
    }
    return box;
}

QString StartView::showSql() const
{
    return QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name");
}

QString StartView::commandLine() const { return QStringLiteral("tailscope --help"); }

} // namespace tailscope::widgets
