import { threadPool } from '/tmp/wt/perf/cli/pool.ts';
import { openFiles, scanStats } from '/tmp/wt/perf/src-core/index.ts';
import { nodeSource } from '/tmp/wt/perf/src-core/node.ts';
const W=(process.env.W??'1,2').split(',').map(Number), D=(process.env.D??'bf16,f32').split(','), R=+(process.env.R??5);
for (const d of D) for (const w of W) { const ts:string[]=[]; for(let r=0;r<R;r++){
const t=performance.now(); const c=process.cpuUsage();
const { documents } = await openFiles([{ id: 'file', source: await nodeSource(`/tmp/w/perf/${d}.safetensors`) }]);
const doc=documents[0]!; const pool=threadPool(w);
await scanStats(doc, Array.from({length:doc.state.entries.length},(_,i)=>i), pool, ()=>{}, {onProgress:()=>{}});
const s=performance.now()-t; await pool.close(); const e=process.cpuUsage(c); ts.push(`${(1e3/s).toFixed(2)}GB/s(user ${(e.user/1e6).toFixed(2)} sys ${(e.system/1e6).toFixed(2)})`); }
console.log(d,w,ts.join(' ')); }
