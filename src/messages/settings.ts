/** What each setting means and what it may be, in both languages. docs/cli.md lists the same. */
import type { Setting, SettingName } from '../config.ts'
import type { Label } from '../model.ts'
import type { Lang } from './labels.ts'

const meanings: Readonly<Record<SettingName, Label>> = {
  GOUJI_CONFIG: {
    en: 'a file of settings: JSON, with the names of this table',
    zh: '配置文件：JSON，名称同本表',
  },
  GOUJI_STORE: { en: 'a folder, or the URL of a PostgreSQL', zh: '目录，或PostgreSQL的地址' },
  GOUJI_STORE_PASSWORD: {
    en: 'password of the PostgreSQL, where its URL has none',
    zh: 'PostgreSQL的密码（地址中没有密码时）',
  },
  GOUJI_BLOBS: {
    en: 'originals beside a PostgreSQL: a folder that all workers see, or `s3://bucket/prefix`: store.md',
    zh: '使用PostgreSQL时存放原始文件之处：所有工作进程都能看到的目录，或 `s3://桶/前缀`，见store.md',
  },
  GOUJI_JOBS: {
    en: 'documents read at the same time; one for each processor where nothing is said',
    zh: '同时读取的文件数；缺省为每个处理器一个',
  },
  GOUJI_TIMEOUT_SECONDS: { en: 'longest time that one document may take', zh: '读取一个文件的最长时间（秒）' },
  GOUJI_MEMORY_MEGABYTES: { en: 'most memory that one document may take', zh: '读取一个文件可用的最大内存（MB）' },
  GOUJI_RECYCLE_AFTER: {
    en: 'after so many documents the threads that read are replaced by new ones, slower for half a minute',
    zh: '读取线程处理多少个文件后换新（新线程头半分钟较慢）',
  },
  GOUJI_FORMS: { en: 'files of forms, separated as in `PATH`', zh: '表式定义文件，分隔方式同 `PATH`' },
  GOUJI_RULES: { en: 'files of rules, separated as in `PATH`', zh: '规则文件，分隔方式同 `PATH`' },
  GOUJI_PDF_ENGINE: { en: 'how PDF is read: see below', zh: 'PDF的读取方式，见下文' },
  GOUJI_LANG: {
    en: 'language of messages; from `LC_ALL`, `LC_MESSAGES`, `LANG` where nothing is said',
    zh: '消息语言；缺省依 `LC_ALL`、`LC_MESSAGES`、`LANG`',
  },
  GOUJI_REDIS: {
    en: 'URL of the Redis that carries the queues; several nodes of a cluster with commas between',
    zh: '承载队列的Redis的地址；集群的多个节点以逗号分隔',
  },
  GOUJI_REDIS_PASSWORD: {
    en: 'password of the Redis, where its URL has none',
    zh: 'Redis的密码（地址中没有密码时）',
  },
  GOUJI_QUEUE_PREFIX: {
    en: 'before all keys in Redis, one for each installation; for a cluster in braces: `{gouji}`',
    zh: 'Redis中所有键的前缀，每套安装一个；用集群时加花括号：`{gouji}`',
  },
  GOUJI_LOCK_SECONDS: {
    en: 'a worker that gives no sign of life for so long is taken for dead',
    zh: '工作进程多久没有动静即视为已终止（秒）',
  },
  GOUJI_SWEEP_SECONDS: {
    en: 'how often the queues are compared with the store, and filled again from it',
    zh: '多久把队列与数据库核对一次并补齐（秒）',
  },
  GOUJI_SHUTDOWN_SECONDS: {
    en: 'how long a worker that is told to end may finish what it has begun; the rest is given back',
    zh: '工作进程收到结束信号后完成手头工作的时限（秒）；其余交还队列',
  },
  GOUJI_WAIT_SECONDS: {
    en: 'how long a worker waits at its start for PostgreSQL and Redis',
    zh: '工作进程启动时等待PostgreSQL和Redis的时限（秒）',
  },
  GOUJI_LOG_LEVEL: {
    en: 'least severe lines that a worker and the server log',
    zh: '工作进程和服务器记录日志的最低级别',
  },
  GOUJI_HTTP: {
    en: 'where health, readiness and metrics are served: `host:port`, or a port for this machine only; for `serve` 127.0.0.1:8080 where nothing is said',
    zh: '提供健康、就绪和指标的地址：`主机:端口`，或只写端口（仅限本机）；`serve`缺省为127.0.0.1:8080',
  },
  GOUJI_BOARD_USER: { en: 'user name for the view of the queues', zh: '查看队列页面的用户名' },
  GOUJI_BOARD_PASSWORD: {
    en: 'password for the view of the queues, without which `serve` does not start',
    zh: '查看队列页面的密码；没有密码`serve`不启动',
  },
  GOUJI_OTEL: {
    en: 'send traces by OpenTelemetry; also where `OTEL_EXPORTER_OTLP_ENDPOINT` is set, unless this is 0',
    zh: '以OpenTelemetry输出跟踪数据；设有 `OTEL_EXPORTER_OTLP_ENDPOINT` 时也输出，除非本项为0',
  },
  GOUJI_FETCH_ALLOW: {
    en: 'networks, addresses, hosts that may be asked though they are not public: fetch.md',
    zh: '虽非公网但允许访问的网段、地址、主机名，见fetch.md',
  },
  GOUJI_FETCH_PORTS: { en: 'ports that may be asked', zh: '允许访问的端口' },
  GOUJI_FETCH_CONTACT: { en: 'how to reach you, said to every host', zh: '联系方式，告知每个被访问的网站' },
  GOUJI_FETCH_SECONDS: { en: 'longest time for one document', zh: '下载一个文件的最长时间（秒）' },
  GOUJI_FETCH_DELAY_MILLISECONDS: {
    en: 'from one request to a host to the next, in each worker',
    zh: '每个工作进程对同一网站两次访问的间隔（毫秒）',
  },
  GOUJI_FETCH_AT_ONCE: {
    en: 'requests to a host at the same time, in each worker (3 at the most)',
    zh: '每个工作进程对同一网站同时访问的个数（最多 3 个）',
  },
  GOUJI_FETCH_LEGACY_TLS: { en: 'hosts whose TLS is outdated', zh: 'TLS版本过旧的网站' },
  AWS_ENDPOINT_URL_S3: {
    en: 'with originals in S3: where it is spoken to; that of Amazon where nothing is said',
    zh: '原始文件存于S3时的服务地址；缺省为亚马逊',
  },
  AWS_REGION: { en: 'with originals in S3: the region', zh: '原始文件存于S3时的区域' },
  AWS_ACCESS_KEY_ID: { en: 'with originals in S3: the key', zh: '原始文件存于S3时的密钥编号' },
  AWS_SECRET_ACCESS_KEY: { en: 'with originals in S3: the secret of the key', zh: '原始文件存于S3时的密钥' },
  AWS_SESSION_TOKEN: {
    en: 'with originals in S3: the token of a session, where there is one',
    zh: '原始文件存于S3时的会话令牌（如有）',
  },
}

/** What a setting means. */
export function meaningOf(setting: Setting, lang: Lang): string {
  return meanings[setting.name as SettingName][lang]
}

/** What may stand in a setting; empty where it is any text. */
export function allowedIn({ kind, range, choices, length }: Setting, lang: Lang): string {
  const zh = lang === 'zh'
  if (range !== undefined) return zh ? `${range[0]}至${range[1]}` : `${range[0]} to ${range[1]}`
  if (choices !== undefined) return choices.join(', ')
  if (kind === 'flag') return '0, 1'
  if (length !== undefined) return zh ? `至少${length}个字符` : `${length} characters or more`
  return ''
}
